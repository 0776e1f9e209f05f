SELECT count(*) FILTER (WHERE op.won)::numeric / nullif(count(*), 0)
FROM facts.opportunity op
WHERE op.client_id = :client AND op.closed_at >= :t0 AND op.closed_at < :t1
