"""The editor's desk: read and check the register in `data/`, bring in articles and tables, and make releases."""
