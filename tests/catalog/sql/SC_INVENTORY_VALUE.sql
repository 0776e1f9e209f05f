-- the last snapshot before the end of each product in each warehouse, unless it is older than 35 days
SELECT sum(i.qty_on_hand * i.unit_cost)
FROM facts.inventory_snapshot i
WHERE i.client_id = :client
  AND i.snapshot_at < :t1
  AND i.snapshot_at >= :t1 - interval '840 hours'
  AND NOT EXISTS (
    SELECT 1 FROM facts.inventory_snapshot later
    WHERE later.client_id = i.client_id AND later.product_id = i.product_id AND later.warehouse_id = i.warehouse_id
      AND later.snapshot_at > i.snapshot_at AND later.snapshot_at < :t1)
