-- A filing that was not filed at once has its arrival: same draft, same instant.
SELECT 'filing ' || f.id FROM submissions_filing f JOIN submissions_arrival a ON a.id = f.arrival_id
WHERE a.state <> 'FILED' OR f.received_at <> a.arrived_at OR f.draft_id IS DISTINCT FROM a.draft_id
