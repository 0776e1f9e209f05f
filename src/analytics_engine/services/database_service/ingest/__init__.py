"""Rows in: read, typed, checked, and loaded whole or not at all."""
