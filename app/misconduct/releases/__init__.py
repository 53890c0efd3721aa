"""Write, read, verify and compare releases: folders of files that never change."""
