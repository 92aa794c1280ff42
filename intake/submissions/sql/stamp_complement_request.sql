CREATE OR REPLACE FUNCTION public.stamp_complement_request()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    asked record;
BEGIN
    -- Whatever the application supplied is ignored: when it is asked is the database's, and nothing has ended it yet.
    NEW.asked_at := transaction_timestamp();
    NEW.ended_at := NULL;
    NEW.ending := '';
    NEW.answered_by_id := NULL;
    -- The submission before its offer, in the order of a filing.
    SELECT s.state, s.standing_filing_id, s.candidate_id, s.offer_id INTO STRICT asked
        FROM submissions_submission s WHERE s.id = NEW.submission_id FOR NO KEY UPDATE;
    IF asked.state <> 'COMPLEMENT_REQUESTED' THEN
        RAISE EXCEPTION 'the submission stands at %', asked.state USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_is_asked_of_an_incomplete_file';
    END IF;
    IF NEW.filing_id IS DISTINCT FROM asked.standing_filing_id THEN
        RAISE EXCEPTION 'the submission stands on another filing' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_is_asked_of_the_filing_that_stands';
    END IF;
    IF NEW.asked_by_id = asked.candidate_id THEN
        RAISE EXCEPTION 'nobody asks themselves' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'nobody_asks_themselves_for_a_complement';
    END IF;
    PERFORM FROM offers_offer o WHERE o.id = asked.offer_id AND o.status = 'PUBLISHED' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the offer is not published' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_is_asked_on_a_published_offer';
    END IF;
    -- What a candidate was told they had, they keep.
    IF NEW.due_at < (
        SELECT max(c.due_at) FROM submissions_complementrequest c
        WHERE c.submission_id = NEW.submission_id AND c.ending = 'REPLACED' AND c.ended_at = NEW.asked_at
    ) THEN
        RAISE EXCEPTION 'the request that it replaces left more time' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_request_is_replaced_by_a_later_one';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER complement_request_is_stamped BEFORE INSERT ON public.submissions_complementrequest FOR EACH ROW EXECUTE FUNCTION stamp_complement_request();
