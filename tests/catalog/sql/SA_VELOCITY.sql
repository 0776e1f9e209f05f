WITH open AS (
  SELECT count(*) AS n FROM facts.opportunity op
  WHERE op.client_id = :client AND op.created_at < :t1 AND (op.closed_at IS NULL OR op.closed_at >= :t1)
), closed AS (
  SELECT count(*) FILTER (WHERE op.won)::numeric / nullif(count(*), 0) AS win_rate,
         avg(op.amount) FILTER (WHERE op.won) AS mean_amount,
         avg(extract(epoch FROM op.closed_at - op.created_at) / 86400) FILTER (WHERE op.won) AS cycle_days
  FROM facts.opportunity op
  WHERE op.client_id = :client AND op.closed_at >= :t0 AND op.closed_at < :t1
)
SELECT open.n * closed.win_rate * closed.mean_amount / nullif(closed.cycle_days, 0) FROM open, closed
