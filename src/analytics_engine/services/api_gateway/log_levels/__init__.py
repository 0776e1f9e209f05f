"""Log levels that are other than configured for a while, for one service or all of them."""
