"""Say what figures and other records are, and what follows from them. Uses no database."""
