WITH day AS (
  SELECT (:t0 AT TIME ZONE :zone)::date + n + 1 AS ends
  FROM generate_series(0, (:t1 AT TIME ZONE :zone)::date - (:t0 AT TIME ZONE :zone)::date - 1) n
), daily AS (
  SELECT (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(e.fte) END FROM facts.employee e
          WHERE e.client_id = :client AND e.hired_at < day.ends
            AND (e.left_at IS NULL OR e.left_at >= day.ends)) AS fte
  FROM day
), staff AS (
  -- unknown where one of the days is unknown
  SELECT CASE WHEN count(fte) = count(*) THEN avg(fte) END AS mean_fte FROM daily
)
SELECT (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(t.hours) END FROM facts.training t
        WHERE t.client_id = :client AND t.completed_at >= :t0 AND t.completed_at < :t1)
     / nullif(staff.mean_fte, 0)
FROM staff
