"""Value chains, modules, object models and KPIs: their definitions, versions and checks."""
