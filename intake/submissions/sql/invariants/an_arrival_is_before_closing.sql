-- As `a_filing_is_received_before_closing.sql`, for arrivals, those that were refused included.
SELECT 'arrival ' || a.id FROM submissions_arrival a
    JOIN submissions_submission s ON s.id = a.submission_id
    JOIN offers_offer o ON o.id = s.offer_id
WHERE a.arrived_at >= GREATEST(o.closes_at, (
    SELECT max(e.closes_at) FROM submissions_personalextension e
    WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id AND e.at <= a.arrived_at
), (
    SELECT max(c.due_at) FROM submissions_complementrequest c
    WHERE c.submission_id = s.id AND c.asked_at <= a.arrived_at
        AND (c.ended_at IS NULL OR c.ended_at >= a.arrived_at)
))
