SELECT sum(t.hours_overtime) / nullif(sum(t.hours_worked), 0)
FROM facts.timesheet t
WHERE t.client_id = :client
  AND t.work_date >= (:t0 AT TIME ZONE :zone)::date AND t.work_date < (:t1 AT TIME ZONE :zone)::date
