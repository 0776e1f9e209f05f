"""What the database server is doing, for the operator."""
