"""Changes of fact tables that are planned, done while the tables are in use, and can be undone."""
