WITH day AS (
  SELECT ((:t0 AT TIME ZONE :zone)::date + n + 1)::timestamp AT TIME ZONE :zone AS ends
  FROM generate_series(0, (:t1 AT TIME ZONE :zone)::date - (:t0 AT TIME ZONE :zone)::date - 1) n
), daily AS (
  SELECT (SELECT sum(i.qty_on_hand * i.unit_cost)
          FROM facts.inventory_snapshot i
          WHERE i.client_id = :client
            AND i.snapshot_at < day.ends
            AND i.snapshot_at >= day.ends - interval '840 hours'
            AND NOT EXISTS (
              SELECT 1 FROM facts.inventory_snapshot later
              WHERE later.client_id = i.client_id AND later.product_id = i.product_id
                AND later.warehouse_id = i.warehouse_id
                AND later.snapshot_at > i.snapshot_at AND later.snapshot_at < day.ends)) AS stock_value
  FROM day
), stock AS (
  -- unknown where one of the days is unknown
  SELECT CASE WHEN count(stock_value) = count(*) THEN avg(stock_value) END AS mean_value, count(*) AS days FROM daily
), cost AS (
  SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(l.qty_delivered * l.unit_cost) END AS delivered
  FROM facts.order_line l
  JOIN facts."order" o ON o.client_id = l.client_id AND o.order_id = l.order_id
  WHERE l.client_id = :client AND o.cancelled_at IS NULL
    AND o.delivered_at >= :t0 AND o.delivered_at < :t1
)
SELECT cost.delivered / nullif(stock.mean_value, 0) * 365 / stock.days FROM cost, stock
