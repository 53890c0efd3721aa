"""Make releases: find what changed and why, write the folder, and remove figures by law."""
