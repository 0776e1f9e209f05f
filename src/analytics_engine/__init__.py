"""Analytics Engine: define KPIs once, connect the data, get the right number."""
