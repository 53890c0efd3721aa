"""Bring a published table into the register, by one file that says how it is read."""
