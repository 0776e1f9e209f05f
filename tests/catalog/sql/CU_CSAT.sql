SELECT count(*) FILTER (WHERE v.score >= 4)::numeric / nullif(count(*), 0)
FROM facts.survey v
WHERE v.client_id = :client AND v.kind = 'CSAT' AND v.score IS NOT NULL
  AND v.responded_at >= :t0 AND v.responded_at < :t1
