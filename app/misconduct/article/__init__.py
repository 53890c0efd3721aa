"""Compare the numbers of a text with figures. It uses no database."""
