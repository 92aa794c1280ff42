CREATE OR REPLACE FUNCTION public.refuse_incomplete_or_late_commit()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    closing timestamptz;
BEGIN
    IF NOT EXISTS (SELECT FROM submissions_receipt r WHERE r.filing_id = NEW.id)
        OR NOT EXISTS (SELECT FROM submissions_verdict v WHERE v.filing_id = NEW.id) THEN
        RAISE EXCEPTION 'a filing commits with its receipt and its verdict' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_has_its_receipt_and_verdict';
    END IF;
    SELECT GREATEST(o.closes_at, (
            SELECT max(e.closes_at) FROM submissions_personalextension e
            WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id
        ), (
            SELECT max(c.due_at) FROM submissions_complementrequest c
            WHERE c.submission_id = s.id AND (c.ended_at IS NULL OR c.answered_by_id = NEW.id)
        )) INTO STRICT closing
        FROM offers_offer o JOIN submissions_submission s ON s.offer_id = o.id
        WHERE s.id = NEW.submission_id;
    -- A transaction begun in time may not be held open to file at leisure. What arrived in time is frozen, and may wait
    -- for the filings before it.
    IF NEW.arrival_id IS NULL AND clock_timestamp() > closing + interval '60 seconds' THEN
        RAISE EXCEPTION 'the filing commits more than 60 s after closing' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_commits_within_a_minute_of_closing';
    END IF;
    IF NEW.arrival_id IS NOT NULL AND clock_timestamp() > NEW.received_at + interval '15 minutes' THEN
        RAISE EXCEPTION 'the filing commits more than 15 min after its arrival' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_commits_within_15_minutes_of_its_arrival';
    END IF;
    IF NEW.arrival_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM submissions_arrival a WHERE a.id = NEW.arrival_id AND a.state = 'FILED'
    ) THEN
        RAISE EXCEPTION 'a filing commits with its arrival settled' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_filing_settles_its_arrival';
    END IF;
    RETURN NULL;
END $function$;

CREATE CONSTRAINT TRIGGER filing_commits_complete_and_in_time AFTER INSERT ON public.submissions_filing DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_incomplete_or_late_commit();
