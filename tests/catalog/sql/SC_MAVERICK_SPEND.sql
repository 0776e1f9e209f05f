SELECT CASE WHEN count(*) FILTER (WHERE po.contract_id IS NULL) = 0 THEN 0
            ELSE sum(pl.qty * pl.unit_price) FILTER (WHERE po.contract_id IS NULL) END
       / nullif(sum(pl.qty * pl.unit_price), 0)
FROM facts.po_line pl
JOIN facts.purchase_order po ON po.client_id = pl.client_id AND po.po_id = pl.po_id
WHERE pl.client_id = :client AND po.ordered_at >= :t0 AND po.ordered_at < :t1
