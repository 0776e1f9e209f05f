"""Alerts on KPIs: rules, their checks, the states of their cells, and who is told."""
