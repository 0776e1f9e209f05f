"""One OpenAPI document for all seven services."""
