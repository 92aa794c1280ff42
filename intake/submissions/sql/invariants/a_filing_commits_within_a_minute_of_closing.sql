-- setting: track_commit_timestamp
-- Deferred triggers check it too, but `SET CONSTRAINTS` can run them earlier. Only for rows that this server committed:
-- in a restored copy the commit time is that of the restoration. A row whose commit time the server no longer keeps is
-- not checked.
-- The offer's closing in force at the commit; the other bounds are those of `sql/refuse_incomplete_or_late_commit.sql`.
-- 61 seconds: the commit comes up to a second after the trigger's check, which allows 60. What arrived has 15 minutes
-- from its instant, which is before the closing.
-- Transaction ids are reused after 2^32: an old id could have the commit time of another transaction.
SELECT 'filing ' || f.id FROM (
    SELECT id, submission_id, received_at, arrival_id,
        CASE WHEN pg_snapshot_xmax(pg_current_snapshot())::text::bigint - transaction < 2147483648
            THEN pg_xact_commit_timestamp((transaction % 4294967296)::text::xid) END AS committed_at
    FROM submissions_filing
    WHERE cluster = (SELECT system_identifier FROM pg_control_system())
) f
    JOIN submissions_submission s ON s.id = f.submission_id
    JOIN offers_offer o ON o.id = s.offer_id
WHERE CASE WHEN f.arrival_id IS NULL THEN f.committed_at - interval '61 seconds'
    ELSE f.committed_at - interval '15 minutes 1 second' END > GREATEST(coalesce((
    SELECT x.closed_at_before FROM offers_offerextension x
    WHERE x.offer_id = o.id AND x.at > f.committed_at ORDER BY x.at, x.id LIMIT 1
), o.closes_at), (
    SELECT max(e.closes_at) FROM submissions_personalextension e
    WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id AND e.at <= f.committed_at
), (
    SELECT max(c.due_at) FROM submissions_complementrequest c
    WHERE c.submission_id = s.id AND c.asked_at <= f.received_at
        AND (c.ended_at IS NULL OR c.ended_at >= f.received_at)
))
