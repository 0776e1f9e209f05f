"""Sources of data made real: files, PostgreSQL; none can be led to what it must not reach."""
