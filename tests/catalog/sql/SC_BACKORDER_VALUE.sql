-- orders open at the end, also those cancelled later; what was shipped by then is in the shipment lines
WITH open_line AS (
  SELECT l.qty_ordered, l.unit_price,
         CASE WHEN EXISTS (SELECT 1 FROM facts.shipment_line x
                           WHERE x.client_id = l.client_id AND x.order_line_id = l.order_line_id AND x.shipped_at < :t1)
              THEN (SELECT sum(x.qty) FROM facts.shipment_line x
                    WHERE x.client_id = l.client_id AND x.order_line_id = l.order_line_id AND x.shipped_at < :t1)
              ELSE 0 END AS shipped
  FROM facts.order_line l
  JOIN facts."order" o ON o.client_id = l.client_id AND o.order_id = l.order_id
  WHERE l.client_id = :client
    AND o.ordered_at < :t1
    AND (o.delivered_at IS NULL OR o.delivered_at >= :t1)
    AND (o.cancelled_at IS NULL OR o.cancelled_at >= :t1)
)
SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum((qty_ordered - shipped) * unit_price) END
FROM open_line
WHERE shipped < qty_ordered
