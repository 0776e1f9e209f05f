"""The keys programs show."""
