"""Encode tables as files, one module for each format."""
