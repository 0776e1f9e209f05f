SELECT (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(m.amount) END
        FROM facts.marketing_spend m
        WHERE m.client_id = :client AND m.spent_at >= :t0 AND m.spent_at < :t1)
     / nullif((SELECT count(*) FROM facts.customer c
               WHERE c.client_id = :client AND c.acquired_at >= :t0 AND c.acquired_at < :t1), 0)
