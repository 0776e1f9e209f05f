SELECT sum(g.qty_rejected) / nullif(sum(g.qty_received), 0)
FROM facts.goods_receipt g
WHERE g.client_id = :client AND g.received_at >= :t0 AND g.received_at < :t1
