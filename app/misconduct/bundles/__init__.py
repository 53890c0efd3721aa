"""Verify copies of a release that other people hold, and loaded databases, against the chain of digests."""
