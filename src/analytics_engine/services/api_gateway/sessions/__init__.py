"""Signing in and staying signed in: short access tokens, and refresh tokens that are used once."""
