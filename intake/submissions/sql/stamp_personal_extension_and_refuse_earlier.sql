CREATE OR REPLACE FUNCTION public.stamp_personal_extension_and_refuse_earlier()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    offer record;
BEGIN
    NEW.at := transaction_timestamp();
    -- Two extensions of one person are given one after the other: each is judged against the one before.
    SELECT o.status, o.closes_at INTO STRICT offer
        FROM offers_offer o WHERE o.id = NEW.offer_id FOR NO KEY UPDATE;
    IF offer.status <> 'PUBLISHED' THEN
        RAISE EXCEPTION 'the offer is not published' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_personal_extension_is_of_a_published_offer';
    END IF;
    NEW.closed_at_before := GREATEST(offer.closes_at, (
        SELECT max(e.closes_at) FROM submissions_personalextension e
        WHERE e.offer_id = NEW.offer_id AND e.candidate_id = NEW.candidate_id
    ));
    IF NEW.closes_at <= GREATEST(NEW.closed_at_before, NEW.at) THEN
        RAISE EXCEPTION 'closes at % but % holds already, at %', NEW.closes_at, NEW.closed_at_before, NEW.at USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_personal_extension_closes_only_later';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER personal_extension_is_stamped_and_later BEFORE INSERT ON public.submissions_personalextension FOR EACH ROW EXECUTE FUNCTION stamp_personal_extension_and_refuse_earlier();
