-- returns of cancelled orders stay, their deliveries do not
WITH returned AS (
  SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(r.qty) END AS qty
  FROM facts.return_line r
  WHERE r.client_id = :client AND r.returned_at >= :t0 AND r.returned_at < :t1
), delivered AS (
  SELECT sum(l.qty_delivered) AS qty
  FROM facts.order_line l
  JOIN facts."order" o ON o.client_id = l.client_id AND o.order_id = l.order_id
  WHERE l.client_id = :client AND o.cancelled_at IS NULL AND o.delivered_at >= :t0 AND o.delivered_at < :t1
)
SELECT returned.qty / nullif(delivered.qty, 0) FROM returned, delivered
