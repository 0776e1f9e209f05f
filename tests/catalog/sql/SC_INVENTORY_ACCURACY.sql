SELECT count(*) FILTER (WHERE c.qty_counted = c.qty_book)::numeric / nullif(count(*), 0)
FROM facts.stock_count c
WHERE c.client_id = :client AND c.counted_at >= :t0 AND c.counted_at < :t1
