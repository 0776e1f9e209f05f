-- receipts at the promised moment count; none received is 0; rejected goods were received
WITH line AS (
  SELECT pl.qty,
         CASE WHEN EXISTS (SELECT 1 FROM facts.goods_receipt g
                           WHERE g.client_id = pl.client_id AND g.po_line_id = pl.po_line_id
                             AND g.received_at <= pl.promised_at)
              THEN (SELECT sum(g.qty_received) FROM facts.goods_receipt g
                    WHERE g.client_id = pl.client_id AND g.po_line_id = pl.po_line_id
                      AND g.received_at <= pl.promised_at)
              ELSE 0 END AS received
  FROM facts.po_line pl
  WHERE pl.client_id = :client AND pl.promised_at >= :t0 AND pl.promised_at < :t1
)
SELECT count(*) FILTER (WHERE received >= qty)::numeric / nullif(count(*), 0) FROM line
