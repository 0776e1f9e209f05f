SELECT (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(a.hours) END
        FROM facts.absence a
        WHERE a.client_id = :client
          AND a.absent_on >= (:t0 AT TIME ZONE :zone)::date AND a.absent_on < (:t1 AT TIME ZONE :zone)::date)
     / nullif((SELECT sum(t.hours_scheduled)
               FROM facts.timesheet t
               WHERE t.client_id = :client
                 AND t.work_date >= (:t0 AT TIME ZONE :zone)::date
                 AND t.work_date < (:t1 AT TIME ZONE :zone)::date), 0)
