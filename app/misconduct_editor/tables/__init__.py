"""Import a published table into the register, using one file that says how to read it."""
