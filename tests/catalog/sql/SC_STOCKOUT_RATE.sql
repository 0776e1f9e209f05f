SELECT count(*) FILTER (WHERE i.qty_on_hand - i.qty_reserved <= 0)::numeric / nullif(count(*), 0)
FROM facts.inventory_snapshot i
WHERE i.client_id = :client AND i.snapshot_at >= :t0 AND i.snapshot_at < :t1
