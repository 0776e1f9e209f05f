"""What every room stands on: ports, clock, ids, paging, logging, telemetry, security, the HTTP edge."""
