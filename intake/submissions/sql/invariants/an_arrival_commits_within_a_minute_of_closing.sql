-- setting: track_commit_timestamp
-- As `a_filing_commits_within_a_minute_of_closing.sql`, for the moment at which a candidate pressed the button.
SELECT 'arrival ' || a.id FROM (
    SELECT id, submission_id, arrived_at,
        CASE WHEN pg_snapshot_xmax(pg_current_snapshot())::text::bigint - transaction < 2147483648
            THEN pg_xact_commit_timestamp((transaction % 4294967296)::text::xid) END AS committed_at
    FROM submissions_arrival
    WHERE cluster = (SELECT system_identifier FROM pg_control_system())
) a
    JOIN submissions_submission s ON s.id = a.submission_id
    JOIN offers_offer o ON o.id = s.offer_id
WHERE a.committed_at - interval '61 seconds' > GREATEST(coalesce((
    SELECT x.closed_at_before FROM offers_offerextension x
    WHERE x.offer_id = o.id AND x.at > a.committed_at ORDER BY x.at, x.id LIMIT 1
), o.closes_at), (
    SELECT max(e.closes_at) FROM submissions_personalextension e
    WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id AND e.at <= a.committed_at
), (
    SELECT max(c.due_at) FROM submissions_complementrequest c
    WHERE c.submission_id = s.id AND c.asked_at <= a.arrived_at
        AND (c.ended_at IS NULL OR c.ended_at >= a.arrived_at)
))
