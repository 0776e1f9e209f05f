-- active employees who name a manager, over the managers they name
SELECT count(e.manager_id)::numeric / nullif(count(DISTINCT e.manager_id), 0)
FROM facts.employee e
WHERE e.client_id = :client
  AND e.hired_at < (:t1 AT TIME ZONE :zone)::date
  AND (e.left_at IS NULL OR e.left_at >= (:t1 AT TIME ZONE :zone)::date)
