"""Read `data/` into a checked register, and report every mistake in it with its place."""
