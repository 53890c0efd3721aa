"""Releases that somebody else holds: opened with care, and held against the chain of digests alone."""
