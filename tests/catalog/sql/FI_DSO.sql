WITH invoice AS (
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
)
SELECT receivable.amount
       / nullif((SELECT sum(invoice.amount) FROM invoice WHERE invoice.issued_at >= :t0), 0)
       * ((:t1 AT TIME ZONE :zone)::date - (:t0 AT TIME ZONE :zone)::date)
FROM receivable
