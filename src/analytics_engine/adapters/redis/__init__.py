"""Redis (or Valkey) as cache and as transport of events; never the truth."""
