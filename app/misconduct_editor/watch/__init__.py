"""Ask where sources appear again whether there is a new edition. Nothing enters the register by itself."""
