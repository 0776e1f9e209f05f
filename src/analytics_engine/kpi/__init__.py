"""The KPI engine: text and definitions in, SQL and values out. No I/O, no clock, no framework."""
