-- an unresolved ticket has missed
SELECT count(*) FILTER (WHERE t.resolved_at <= t.sla_due_at)::numeric / nullif(count(*), 0)
FROM facts.ticket t
WHERE t.client_id = :client AND t.sla_due_at >= :t0 AND t.sla_due_at < :t1
