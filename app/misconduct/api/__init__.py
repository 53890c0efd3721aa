"""Answer requests. Each resource has a file; what they share is in parameters, releases, answers and problems."""
