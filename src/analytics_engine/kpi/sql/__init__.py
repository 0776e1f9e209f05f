"""A plan to one SQL statement per engine: a sqlglot tree until the last line, every value a parameter."""
