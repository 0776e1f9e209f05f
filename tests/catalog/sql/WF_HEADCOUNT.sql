-- dates: the end of the period is its local day
SELECT count(*)
FROM facts.employee e
WHERE e.client_id = :client
  AND e.hired_at < (:t1 AT TIME ZONE :zone)::date
  AND (e.left_at IS NULL OR e.left_at >= (:t1 AT TIME ZONE :zone)::date)
