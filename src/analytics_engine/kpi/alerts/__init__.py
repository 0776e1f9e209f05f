"""When a KPI's value is a matter for somebody: conditions, and the states an alert goes through."""
