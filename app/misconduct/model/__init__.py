"""Say what figures and other records are, and what follows from them. Reads no file and no database."""
