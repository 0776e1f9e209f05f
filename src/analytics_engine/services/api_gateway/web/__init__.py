"""The web application's built files."""
