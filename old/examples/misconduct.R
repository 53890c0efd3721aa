# Figures of the Misconduct Register as data frames: copy this file beside your script. It needs R alone.
#
#   source("misconduct.R")
#   figures("allegations", category = "sexual_assault", year = c("2022", "2023"), release = "2.1.0")
#   by_year("allegations", category = "sexual_assault")
#   codes("category")
#   cat(cite("k7m3q"))
#
# Without `release` the newest one answers, to all pages; attr(frame, "release") is its number. Numbers and booleans are
# such, everything else is text; an empty cell is NA, never zero.

register <- "http://localhost:8000"
rows_of_page <- 1000

# One row per figure. The filters are those of the API; a vector has several values.
figures <- function(dataset = "observations", ...) {
  read_pages(paste0(dataset, ".csv"), list(limit = rows_of_page, ...))
}

# One row per series and year. Where there is no value, `gap` has the reason.
by_year <- function(dataset = "observations", ...) {
  read_pages(paste0(dataset, "/by-year.csv"), list(limit = rows_of_page, shape = "long", ...))
}

# The codes of a list, or of all lists, each with its label and definition.
codes <- function(name = NULL, ...) {
  read_pages(if (is.null(name)) "codelists.csv" else paste0("codelists/", name, ".csv"), list(...))
}

# The citation of a figure by its id, or of a path ("datasets/allegations"): "bib" (BibTeX), "ris" or "json" (CSL-JSON).
cite <- function(what, form = "bib", ...) {
  path <- if (grepl("/", what)) what else paste0("observations/", what)
  paste(readLines(address(paste0(path, "/citation.", form), list(...)), encoding = "UTF-8"), collapse = "\n")
}

read_pages <- function(path, parameters) {
  url <- address(path, parameters)
  pages <- list()
  while (!is.na(url)) {
    headers <- curlGetHeaders(url)
    if (attr(headers, "status") != 200) stop("status ", attr(headers, "status"), ", see ", url, call. = FALSE)
    link <- grep("^link:", headers, ignore.case = TRUE, value = TRUE)
    # R keeps 2,048 bytes of a header; this one repeats the question, and ends with the address of the next page.
    if (any(nchar(link, "bytes") > 2000)) stop("the question is too long for R: ask for fewer values at once", call. = FALSE)
    pinned <- first_match(link, '<([^>]+)>; rel="canonical"')  # names the release, if another comes meanwhile
    pages[[length(pages) + 1]] <- read_text(if (is.na(pinned)) url else pinned)
    url <- first_match(link, '<([^>]+)>; rel="next"')
  }
  frame <- do.call(rbind, pages)
  types <- read_text(paste0(register, "/v1/columns.csv"))
  for (name in intersect(names(frame), types$name)) {
    type <- types$type[types$name == name]
    if (type %in% c("number", "integer")) frame[[name]] <- as.numeric(frame[[name]])
    if (type == "boolean") frame[[name]] <- frame[[name]] == "true"
  }
  attr(frame, "release") <- first_match(link, '[?&]release=([^&>]+)[^>]*>; rel="canonical"')
  frame
}

read_text <- function(url) {
  read.csv(url, colClasses = "character", na.strings = "", encoding = "UTF-8", check.names = FALSE)
}

first_match <- function(text, pattern) {
  found <- regmatches(text, regexec(pattern, text))[[1]]
  if (length(found) > 1) found[2] else NA
}

address <- function(path, parameters) {
  encoded <- lapply(parameters, function(values) vapply(as.character(values), URLencode, "", reserved = TRUE))
  pairs <- unlist(Map(function(name, values) paste0(name, "=", values), names(encoded), encoded))
  paste0(register, "/v1/", path, if (length(pairs)) "?", paste(pairs, collapse = "&"))
}
