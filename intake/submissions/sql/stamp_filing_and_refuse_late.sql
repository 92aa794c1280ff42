CREATE OR REPLACE FUNCTION public.stamp_filing_and_refuse_late()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    offer record;
BEGIN
    -- Whatever the application supplied is ignored: the instant of a filing is the database's, that of the arrival which
    -- it files or else of its own transaction.
    SELECT a.id, a.arrived_at INTO NEW.arrival_id, NEW.received_at
        FROM submissions_arrival a WHERE a.draft_id = NEW.draft_id AND a.state = 'WAITING';
    NEW.received_at := COALESCE(NEW.received_at, transaction_timestamp());
    -- By these two the server tells when it was committed, which no trigger sees.
    NEW.transaction := pg_current_xact_id()::text::bigint;
    NEW.cluster := (SELECT system_identifier FROM pg_control_system());
    -- The foreign key asks at the commit alone: what is filed would be written at leisure.
    IF NOT EXISTS (SELECT FROM dossiers_seal e WHERE e.id = NEW.seal_id) THEN
        RAISE EXCEPTION 'what is filed is not sealed' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_filing_is_sealed_as_it_is_received';
    END IF;
    -- FOR SHARE: an offer that is being cancelled or corrected at this moment is waited for, not guessed.
    SELECT o.status, o.opens_at, GREATEST(o.closes_at, (
            SELECT max(e.closes_at) FROM submissions_personalextension e
            WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id
        ), (
            SELECT max(c.due_at) FROM submissions_complementrequest c
            WHERE c.submission_id = s.id AND c.ended_at IS NULL
        )) AS closes_at INTO STRICT offer
        FROM offers_offer o JOIN submissions_submission s ON s.offer_id = o.id
        WHERE s.id = NEW.submission_id FOR SHARE OF o;
    IF offer.status <> 'PUBLISHED' OR NEW.received_at < offer.opens_at THEN
        RAISE EXCEPTION 'the offer is not open' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_is_made_on_an_open_offer';
    END IF;
    IF NEW.received_at >= offer.closes_at THEN
        RAISE EXCEPTION 'received at % but the offer closed at %', NEW.received_at, offer.closes_at USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_is_received_before_closing';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER filing_is_stamped_and_on_time BEFORE INSERT ON public.submissions_filing FOR EACH ROW EXECUTE FUNCTION stamp_filing_and_refuse_late();
