"""Rollups: states of fact rows kept by triggers, marked where they cannot be, rebuilt, compacted and verified."""
