SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(op.amount * op.probability) END
FROM facts.opportunity op
WHERE op.client_id = :client AND op.created_at < :t1 AND (op.closed_at IS NULL OR op.closed_at >= :t1)
