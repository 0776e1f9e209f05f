SELECT count(*) FILTER (
         WHERE o.delivered_at <= o.promised_at
           AND NOT EXISTS (
             SELECT 1 FROM facts.order_line l
             WHERE l.client_id = o.client_id AND l.order_id = o.order_id
               AND (l.qty_delivered >= l.qty_ordered) IS NOT TRUE))::numeric
       / nullif(count(*), 0)
FROM facts."order" o
WHERE o.client_id = :client AND o.cancelled_at IS NULL
  AND o.promised_at >= :t0 AND o.promised_at < :t1
