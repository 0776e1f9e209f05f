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
), cogs AS (
  SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(e.debit - e.credit) END AS amount
  FROM facts.ledger_entry e
  JOIN facts.account a ON a.client_id = e.client_id AND a.account_id = e.account_id
  WHERE e.client_id = :client AND a.class = 'cogs' AND e.posted_at >= :t0 AND e.posted_at < :t1
), invoice AS (
  -- in the base currency, USD, at the last rate of the local day of issue, of the 7 days before it at most
  SELECT i.invoice_id, i.issued_at, i.due_at,
         i.amount * CASE WHEN i.currency = 'USD' THEN 1 ELSE (
           SELECT r.rate FROM facts.fx_rate r
           WHERE r.client_id = i.client_id AND r.from_currency = i.currency AND r.to_currency = 'USD'
             AND r.quoted_on <= (i.issued_at AT TIME ZONE :zone)::date
             AND r.quoted_on >= (i.issued_at AT TIME ZONE :zone)::date - 7
           ORDER BY r.quoted_on DESC LIMIT 1) END AS amount
  FROM facts.invoice i
  WHERE i.client_id = :client AND i.issued_at < :t1
), payment AS (
  SELECT p.invoice_id, p.amount FROM facts.payment p WHERE p.client_id = :client AND p.paid_at < :t1
), receivable AS (
  SELECT (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(amount) END FROM invoice)
       - (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(amount) END FROM payment) AS amount
), payable AS (
  SELECT (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(i.amount) END
          FROM facts.supplier_invoice i WHERE i.client_id = :client AND i.issued_at < :t1)
       - (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(p.amount) END
          FROM facts.supplier_payment p WHERE p.client_id = :client AND p.paid_at < :t1) AS amount
)
SELECT stock.mean_value / nullif(cogs.amount, 0) * stock.days
     + receivable.amount / nullif((SELECT sum(invoice.amount) FROM invoice WHERE invoice.issued_at >= :t0), 0) * stock.days
     - payable.amount / nullif(cogs.amount, 0) * stock.days
FROM stock, cogs, receivable, payable
