CREATE OR REPLACE FUNCTION public.stamp_arrival_and_refuse_late()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    offer record;
    digest text;
    began timestamptz;
BEGIN
    -- The submission first, as a save and a filing lock it before the draft: else they and this would wait for each other.
    PERFORM FROM submissions_submission s JOIN submissions_draft d ON d.submission_id = s.id
        WHERE d.id = NEW.draft_id FOR KEY SHARE OF s;
    -- A save of the draft that is under way is waited for: it may have changed the version.
    SELECT d.submission_id INTO NEW.submission_id FROM submissions_draft d
        WHERE d.id = NEW.draft_id AND d.version = NEW.version AND d.closed_at IS NULL FOR SHARE OF d;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the draft changed, or is closed' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_arrival_is_of_the_draft_that_was_displayed';
    END IF;
    NEW.transaction := pg_current_xact_id()::text::bigint;
    NEW.cluster := (SELECT system_identifier FROM pg_control_system());
    NEW.state := 'WAITING';
    NEW.reason := '';
    NEW.settled_at := NULL;
    -- A request may wait in the web server for seconds. That server says how long after a session of its own had begun a
    -- transaction the request came, and the instant of that beginning is the database's. Without it, or if no such
    -- transaction is open, the request came when it is stored. A witness is `process:secret`, of a session that bears
    -- the digest of the secret as its name: no other session can cite it, and the digest alone is stored.
    NEW.attested_at := transaction_timestamp();
    NEW.arrived_at := transaction_timestamp();
    IF NEW.witness IS NOT NULL THEN
        digest := encode(sha256(convert_to(split_part(NEW.witness, ':', 2), 'UTF8')), 'hex');
        SELECT LEAST(a.xact_start, transaction_timestamp()) INTO began
            FROM pg_stat_get_activity(split_part(NEW.witness, ':', 1)::integer) a
            WHERE a.application_name = left(digest, 60)
                AND a.usesysid = (SELECT oid FROM pg_roles WHERE rolname = current_user);
        NEW.witness := digest;
        IF began IS NOT NULL AND NEW.elapsed IS NOT NULL THEN
            NEW.attested_at := began;
            NEW.arrived_at := GREATEST(began, LEAST(began + NEW.elapsed, transaction_timestamp()));
        END IF;
    END IF;
    -- No lock on the offer: thousands arrive at once. The filing takes it, and judges the instant again.
    SELECT o.status, o.opens_at, GREATEST(o.closes_at, (
            SELECT max(e.closes_at) FROM submissions_personalextension e
            WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id
        ), (
            SELECT max(c.due_at) FROM submissions_complementrequest c
            WHERE c.submission_id = s.id AND c.ended_at IS NULL
        )) AS closes_at INTO STRICT offer
        FROM offers_offer o JOIN submissions_submission s ON s.offer_id = o.id
        WHERE s.id = NEW.submission_id;
    IF offer.status <> 'PUBLISHED' OR NEW.arrived_at < offer.opens_at THEN
        RAISE EXCEPTION 'the offer is not open' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'arrival_is_on_an_open_offer';
    END IF;
    IF NEW.arrived_at >= offer.closes_at THEN
        RAISE EXCEPTION 'arrived at % but the offer closed at %', NEW.arrived_at, offer.closes_at USING
            ERRCODE = 'check_violation', CONSTRAINT = 'arrival_is_before_closing', DETAIL = to_json(NEW.arrived_at)::text;
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER arrival_is_stamped_and_on_time BEFORE INSERT ON public.submissions_arrival FOR EACH ROW EXECUTE FUNCTION stamp_arrival_and_refuse_late();
