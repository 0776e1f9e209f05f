"""The one way messages leave the house: rows that wait, are claimed by a worker, sent, and tried again."""
