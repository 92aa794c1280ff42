CREATE OR REPLACE FUNCTION public.offers_stamp_extension_and_refuse_earlier()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    -- Whatever the application supplied is ignored: a server whose clock is wrong neither dates nor judges it.
    NEW.at := transaction_timestamp();
    IF NEW.closes_at <= GREATEST(NEW.closed_at_before, NEW.at) THEN
        RAISE EXCEPTION 'closes at % but % holds already, at %', NEW.closes_at, NEW.closed_at_before, NEW.at USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_extension_closes_later_than_now';
    END IF;
    -- Else: write it in time, and have the offer close later by it once it has closed; or give a past closing that
    -- never was, which a dossier would print.
    IF NOT EXISTS (
        SELECT FROM offers_offer o
        WHERE o.id = NEW.offer_id AND o.closes_at = NEW.closes_at AND o.closed_at_before = NEW.closed_at_before
    ) THEN
        RAISE EXCEPTION 'an extension is written as the offer closes later, from the closing that held' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_extension_is_of_the_closing_that_holds';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER extension_is_stamped_and_later BEFORE INSERT ON public.offers_offerextension FOR EACH ROW EXECUTE FUNCTION offers_stamp_extension_and_refuse_earlier();
