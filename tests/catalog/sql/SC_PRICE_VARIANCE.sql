SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum((pl.unit_price - pl.baseline_price) * pl.qty) END
FROM facts.po_line pl
JOIN facts.purchase_order po ON po.client_id = pl.client_id AND po.po_id = pl.po_id
WHERE pl.client_id = :client AND po.ordered_at >= :t0 AND po.ordered_at < :t1
