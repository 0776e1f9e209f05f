-- least() of PostgreSQL passes over nulls, so an unknown quantity is kept unknown by hand
SELECT sum(CASE WHEN l.qty_shipped IS NULL OR l.qty_ordered IS NULL THEN NULL
                WHEN l.qty_shipped < l.qty_ordered THEN l.qty_shipped
                ELSE l.qty_ordered END)
       / nullif(sum(l.qty_ordered), 0)
FROM facts.order_line l
JOIN facts."order" o ON o.client_id = l.client_id AND o.order_id = l.order_id
WHERE l.client_id = :client AND o.cancelled_at IS NULL
  AND o.ordered_at >= :t0 AND o.ordered_at < :t1
