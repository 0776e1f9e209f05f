"""A client of the system's own, whose numbers are known: what goes in is what comes out."""
