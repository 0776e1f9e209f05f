"""Fact tables: made from object models, extended with them, partitioned by time."""
