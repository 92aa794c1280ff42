CREATE OR REPLACE FUNCTION public.refuse_late_arrival_commit()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    closing timestamptz;
BEGIN
    SELECT GREATEST(o.closes_at, (
            SELECT max(e.closes_at) FROM submissions_personalextension e
            WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id
        ), (
            SELECT max(c.due_at) FROM submissions_complementrequest c
            WHERE c.submission_id = s.id AND (c.ended_at IS NULL OR c.ended_at >= NEW.arrived_at)
        )) INTO STRICT closing
        FROM offers_offer o JOIN submissions_submission s ON s.offer_id = o.id
        WHERE s.id = NEW.submission_id;
    -- A transaction begun in time may not be held open to arrive at leisure.
    IF clock_timestamp() > closing + interval '60 seconds' THEN
        RAISE EXCEPTION 'the arrival commits more than 60 s after closing' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'arrival_commits_within_a_minute_of_closing';
    END IF;
    RETURN NULL;
END $function$;

CREATE CONSTRAINT TRIGGER arrival_commits_in_time AFTER INSERT ON public.submissions_arrival DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_late_arrival_commit();
