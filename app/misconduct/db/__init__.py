"""Keep releases in Postgres. The database is a cache of `data/releases`: it can be dropped and loaded again."""
