"""Verify copies of a release that other people hold, and loaded databases, against the chain of digests."""

import csv

LONGEST_LINE = 16_000_000
"""Bytes in a line of a table in a bundle: a record of a YAML file of 4 MB, with its quotes doubled."""

csv.field_size_limit(LONGEST_LINE)  # a list of ids, or what is computed of a disagreement, is one cell
