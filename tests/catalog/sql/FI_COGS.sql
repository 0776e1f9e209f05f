SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(e.debit - e.credit) END
FROM facts.ledger_entry e
JOIN facts.account a ON a.client_id = e.client_id AND a.account_id = e.account_id
WHERE e.client_id = :client AND a.class = 'cogs' AND e.posted_at >= :t0 AND e.posted_at < :t1
