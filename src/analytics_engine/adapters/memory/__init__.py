"""The ports without a server: for one process, and for tests; they pass the same contract suites."""
