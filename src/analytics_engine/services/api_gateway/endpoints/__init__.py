"""The gateway's own routes, one file a subject."""
