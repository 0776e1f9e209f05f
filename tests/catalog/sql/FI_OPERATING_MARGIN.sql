WITH booked AS (
  SELECT a.class, e.debit, e.credit
  FROM facts.ledger_entry e
  JOIN facts.account a ON a.client_id = e.client_id AND a.account_id = e.account_id
  WHERE e.client_id = :client AND e.posted_at >= :t0 AND e.posted_at < :t1
), total AS (
  SELECT coalesce(sum(credit - debit) FILTER (WHERE class = 'revenue'), 0) AS revenue,
         coalesce(sum(debit - credit) FILTER (WHERE class = 'cogs'), 0) AS cogs,
         coalesce(sum(debit - credit) FILTER (WHERE class = 'opex'), 0) AS opex
  FROM booked
)
SELECT (revenue - cogs - opex) / nullif(revenue, 0) FROM total
