CREATE OR REPLACE FUNCTION public.offers_keep_record()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
    BEGIN
        -- A draft that nobody but staff ever read goes with what was done to it.
        IF TG_OP = 'DELETE' AND EXISTS (
            SELECT FROM offers_offer WHERE id = OLD.offer_id AND status = 'DRAFT'
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'what was done to an offer is never rewritten'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'offer_records_are_never_rewritten';
    END $function$;

CREATE TRIGGER offers_offerchange_is_never_rewritten BEFORE DELETE OR UPDATE ON public.offers_offerchange FOR EACH ROW EXECUTE FUNCTION offers_keep_record();

CREATE TRIGGER offers_offerextension_is_never_rewritten BEFORE DELETE OR UPDATE ON public.offers_offerextension FOR EACH ROW EXECUTE FUNCTION offers_keep_record();
