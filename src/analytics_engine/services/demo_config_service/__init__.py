"""Clients (tenants) and how they count, the objects their KPIs require, and sample data to start with."""
