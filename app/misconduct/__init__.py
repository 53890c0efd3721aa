"""Serve published police misconduct statistics, each figure with the evidence for it."""
