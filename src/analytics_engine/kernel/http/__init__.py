"""The HTTP edge every service shares: the application, problems, health, metrics, request ids, authentication."""
