"""Messages to people: a client's channels, and what is told on them."""
