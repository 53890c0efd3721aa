"""Draw rows of the table: a number, columns, lines, bars or a table."""
