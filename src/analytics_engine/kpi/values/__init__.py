"""From the rows of a statement to values a person can trust: typed, and null only with a reason."""
