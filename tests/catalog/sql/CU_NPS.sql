SELECT (count(*) FILTER (WHERE v.score >= 9) - count(*) FILTER (WHERE v.score <= 6))::numeric / nullif(count(*), 0)
FROM facts.survey v
WHERE v.client_id = :client AND v.kind = 'NPS' AND v.score IS NOT NULL
  AND v.responded_at >= :t0 AND v.responded_at < :t1
