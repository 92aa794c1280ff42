-- An arrival is filed within 15 minutes, or refused then: a minute later, one that waits has neither.
SELECT 'arrival ' || a.id FROM submissions_arrival a
WHERE CASE a.state
    WHEN 'WAITING' THEN a.arrived_at < clock_timestamp() - interval '16 minutes'
    ELSE (a.state = 'FILED') <> EXISTS (SELECT FROM submissions_filing f WHERE f.arrival_id = a.id)
END
