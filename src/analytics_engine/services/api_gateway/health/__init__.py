"""How the whole system is."""
