"""Sources of data made real: files, PostgreSQL; and what keeps them from reaching what they must not."""
