WITH booked AS (
  SELECT a.class, a.subclass, e.debit, e.credit
  FROM facts.ledger_entry e
  JOIN facts.account a ON a.client_id = e.client_id AND a.account_id = e.account_id
  WHERE e.client_id = :client AND e.posted_at < :t1
)
SELECT (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(debit - credit) END
        FROM booked WHERE class = 'asset' AND subclass IN ('cash', 'current'))
     / nullif((SELECT sum(credit - debit) FROM booked WHERE class = 'liability' AND subclass = 'current'), 0)
