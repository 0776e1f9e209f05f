-- per hour worked; the scale of 200,000 hours is display
SELECT (SELECT count(*) FROM facts.safety_incident z
        WHERE z.client_id = :client AND z.recordable AND z.occurred_at >= :t0 AND z.occurred_at < :t1)
     / nullif((SELECT sum(t.hours_worked)
               FROM facts.timesheet t
               WHERE t.client_id = :client
                 AND t.work_date >= (:t0 AT TIME ZONE :zone)::date
                 AND t.work_date < (:t1 AT TIME ZONE :zone)::date), 0)
