"""Check an installation, and say what to do about each problem: `misconduct doctor`."""
