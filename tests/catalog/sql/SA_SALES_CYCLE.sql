-- days of 24 hours
SELECT avg(extract(epoch FROM op.closed_at - op.created_at) / 86400)
FROM facts.opportunity op
WHERE op.client_id = :client AND op.won AND op.closed_at >= :t0 AND op.closed_at < :t1
