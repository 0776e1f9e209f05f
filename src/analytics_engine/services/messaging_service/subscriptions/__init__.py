"""Webhooks out: a client's events, sent to programs that asked for them."""
