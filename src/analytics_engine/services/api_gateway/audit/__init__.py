"""Who did what: every attempt to come in and every change, in a log that can only grow."""
