SELECT sum(s.co2_kg) / nullif(sum(s.weight_kg / 1000 * s.distance_km), 0)
FROM facts.shipment s
WHERE s.client_id = :client AND s.shipped_at >= :t0 AND s.shipped_at < :t1
