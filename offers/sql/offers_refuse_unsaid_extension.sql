CREATE OR REPLACE FUNCTION public.offers_refuse_unsaid_extension()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    -- At the commit: the row of the extension is written after the offer's.
    IF NOT EXISTS (
        SELECT FROM offers_offerextension e
        WHERE e.offer_id = NEW.id AND e.closed_at_before = OLD.closes_at AND e.closes_at = NEW.closes_at
    ) THEN
        RAISE EXCEPTION 'an offer closes later by an extension that says why'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_later_closing_has_its_extension';
    END IF;
    RETURN NULL;
END $function$;

CREATE CONSTRAINT TRIGGER later_closing_has_its_extension AFTER UPDATE OF closes_at ON public.offers_offer DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((((old.status)::text <> 'DRAFT'::text) AND (new.closes_at > old.closes_at))) EXECUTE FUNCTION offers_refuse_unsaid_extension();
