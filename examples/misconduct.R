# Read the Misconduct Register into R. Copy this file; it needs nothing but R itself. With readr, set guess_max = Inf:
# it guesses a column from the first 1,000 rows, and empties what does not fit.

base <- Sys.getenv("BASE", "http://localhost:8000")
options(width = 120, scipen = 9) # a row in one line, and no 9.31e+02

# Return a table of the register: read("allegations", "category=sexual_assault")
read <- function(path, query = "") {
  table <- read.csv(paste0(base, "/v1/", path, ".csv?", query), colClasses = c(year = "character", printed = "character"), na.strings = "")
  table$period_start <- as.Date(table$period_start)
  table$period_end <- as.Date(table$period_end)
  table
}

# Allegation categories by year, in the Metropolitan Police. A year without a figure is NA, and `gap` says why: it is not zero.
by_year <- read("allegations/by-year", "area=E23000001&shape=long")
print(by_year[!is.na(by_year$value), c("category", "year", "value", "coverage")], row.names = FALSE)

# Suspensions and restrictions, with the first and the last day that each period can mean.
duty_status <- read("suspensions", "measure=suspended,restricted,suspended_or_restricted")
print(duty_status[, c("area", "measure", "stock_or_flow", "period_start", "period_end", "value", "printed")], row.names = FALSE)

# What vetting checks found. count_once leaves out what is counted in another figure of the table.
print(read("vetting", "count_once=1")[, c("vetting_check", "vetting_result", "value", "unit")], row.names = FALSE)
