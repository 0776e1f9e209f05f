-- a quota counts with the part of its days that lie in the period
WITH period AS (
  SELECT (:t0 AT TIME ZONE :zone)::date AS first_day, (:t1 AT TIME ZONE :zone)::date AS next_day
), won AS (
  SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(op.amount) END AS amount
  FROM facts.opportunity op
  WHERE op.client_id = :client AND op.won AND op.closed_at >= :t0 AND op.closed_at < :t1
), quota AS (
  SELECT sum(q.amount
             * (SELECT count(*) FROM generate_series(0, q.ends_on - q.starts_on - 1) n
                WHERE q.starts_on + n >= p.first_day AND q.starts_on + n < p.next_day)
             / (q.ends_on - q.starts_on)) AS amount
  FROM facts.quota q, period p
  WHERE q.client_id = :client AND q.starts_on < p.next_day AND q.ends_on > p.first_day
)
SELECT won.amount / nullif(quota.amount, 0) FROM won, quota
