WITH day AS (
  SELECT (:t0 AT TIME ZONE :zone)::date + n + 1 AS ends
  FROM generate_series(0, (:t1 AT TIME ZONE :zone)::date - (:t0 AT TIME ZONE :zone)::date - 1) n
), daily AS (
  SELECT (SELECT count(*) FROM facts.employee e
          WHERE e.client_id = :client AND e.hired_at < day.ends
            AND (e.left_at IS NULL OR e.left_at >= day.ends)) AS heads
  FROM day
)
SELECT (SELECT count(*) FROM facts.employee e
        WHERE e.client_id = :client
          AND e.left_at >= (:t0 AT TIME ZONE :zone)::date AND e.left_at < (:t1 AT TIME ZONE :zone)::date)
     / nullif((SELECT avg(heads) FROM daily), 0)
