# Read the Misconduct Register into R. Copy this file; it needs nothing but R itself. With readr, set guess_max = Inf:
# it guesses a column from the first 1,000 rows, and empties what does not fit.

base <- Sys.getenv("BASE", "http://localhost:8000")
options(width = 150, scipen = 9) # a row in one line, and no 9.31e+02

# Return a table of the register: read("allegations", "area=met")
read <- function(path, query = "") {
  table <- read.csv(paste0(base, "/v1/", path, ".csv?", query), na.strings = "")
  table$period_start <- as.Date(table$period_start)
  table$period_end <- as.Date(table$period_end)
  table
}

# Allegations of sexual assault by year, in the Metropolitan Police. An empty value is not zero: `shown` says why.
by_year <- read("allegations", "area=met&category=sexual_assault&all=1")
print(by_year[!is.na(by_year$year), c("year", "value")], row.names = FALSE)

# Suspensions and restrictions, with the first and the last day that each time can mean.
suspensions <- read("suspensions", "area=met&all=1")
print(suspensions[, c("name", "period_start", "period_end", "shown")], row.names = FALSE)

# What vetting checks found.
print(read("vetting", "columns=all")[, c("vetting_check", "vetting_result", "value", "unit")], row.names = FALSE)
