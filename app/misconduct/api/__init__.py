"""Answer requests. Each resource has a file; they share parameters, current, negotiation, answers and problems."""
