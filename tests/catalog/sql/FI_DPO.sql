WITH cogs AS (
  SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(e.debit - e.credit) END AS amount
  FROM facts.ledger_entry e
  JOIN facts.account a ON a.client_id = e.client_id AND a.account_id = e.account_id
  WHERE e.client_id = :client AND a.class = 'cogs' AND e.posted_at >= :t0 AND e.posted_at < :t1
), payable AS (
  SELECT (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(i.amount) END
          FROM facts.supplier_invoice i WHERE i.client_id = :client AND i.issued_at < :t1)
       - (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(p.amount) END
          FROM facts.supplier_payment p WHERE p.client_id = :client AND p.paid_at < :t1) AS amount
)
SELECT payable.amount / nullif(cogs.amount, 0)
       * ((:t1 AT TIME ZONE :zone)::date - (:t0 AT TIME ZONE :zone)::date)
FROM payable, cogs
