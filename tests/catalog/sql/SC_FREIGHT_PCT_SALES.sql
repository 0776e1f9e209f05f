-- freight of cancelled orders stays, their sales do not
WITH freight AS (
  SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(s.freight_cost) END AS amount
  FROM facts.shipment s
  WHERE s.client_id = :client AND s.shipped_at >= :t0 AND s.shipped_at < :t1
), sales AS (
  SELECT sum(l.qty_ordered * l.unit_price - l.discount) AS amount
  FROM facts.order_line l
  JOIN facts."order" o ON o.client_id = l.client_id AND o.order_id = l.order_id
  WHERE l.client_id = :client AND o.cancelled_at IS NULL AND o.ordered_at >= :t0 AND o.ordered_at < :t1
)
SELECT freight.amount / nullif(sales.amount, 0) FROM freight, sales
