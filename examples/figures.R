# Sexual assaults by year, with readr; who stated 1,071, with jsonlite.
library(readr)
library(jsonlite)

register <- "http://localhost:8000"

# Every column is text except the figure itself; an empty cell is NA, never zero.
figures <- read_csv(
  paste0(register, "/v1/allegations.csv?release=1.1.0&category=sexual_assault&detail=full"),
  col_types = cols(.default = col_character(), value = col_double()),
  na = ""
)
years <- figures[figures$period_type == "year", ]
years <- years[order(years$period_start), ]
cat(paste(years$period_start, years$printed, years$counting_unit_label, paste0(register, years$cite_as)), sep = "\n")

answer <- fromJSON(paste0(register, "/v1/observations?value=1071&release=1.1.0&detail=full"))
cat(unique(answer$data$stated_by$label), sep = "\n")
