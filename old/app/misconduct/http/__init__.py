"""What surrounds the routes: protocol, cache, limits, headers, problems, logs and metrics."""
