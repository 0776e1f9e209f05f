-- orders without lines count
SELECT (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(l.qty_ordered * l.unit_price - l.discount) END
        FROM facts.order_line l
        JOIN facts."order" o ON o.client_id = l.client_id AND o.order_id = l.order_id
        WHERE l.client_id = :client AND o.cancelled_at IS NULL AND o.ordered_at >= :t0 AND o.ordered_at < :t1)
     / nullif((SELECT count(*) FROM facts."order" o
               WHERE o.client_id = :client AND o.cancelled_at IS NULL
                 AND o.ordered_at >= :t0 AND o.ordered_at < :t1), 0)
