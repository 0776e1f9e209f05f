"""Mergeable states: what a place holds of the rows of a cell, so that places can be put together exactly."""
