SELECT sum(l.discount) / nullif(sum(l.qty_ordered * l.unit_price), 0)
FROM facts.order_line l
JOIN facts."order" o ON o.client_id = l.client_id AND o.order_id = l.order_id
WHERE l.client_id = :client AND o.cancelled_at IS NULL AND o.ordered_at >= :t0 AND o.ordered_at < :t1
