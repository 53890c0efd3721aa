"""Ask Postgres for figures and records, one file for each subject."""
