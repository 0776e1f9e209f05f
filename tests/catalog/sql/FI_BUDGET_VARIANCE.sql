WITH actual AS (
  SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(e.debit - e.credit) END AS amount
  FROM facts.ledger_entry e
  JOIN facts.account a ON a.client_id = e.client_id AND a.account_id = e.account_id
  WHERE e.client_id = :client AND a.class = 'opex' AND e.posted_at >= :t0 AND e.posted_at < :t1
), planned AS (
  SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(b.amount) END AS amount
  FROM facts.budget b
  JOIN facts.account a ON a.client_id = b.client_id AND a.account_id = b.account_id
  WHERE b.client_id = :client AND a.class = 'opex'
    AND b.month >= (:t0 AT TIME ZONE :zone)::date AND b.month < (:t1 AT TIME ZONE :zone)::date
)
SELECT (actual.amount - planned.amount) / nullif(abs(planned.amount), 0) FROM actual, planned
