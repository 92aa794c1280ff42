CREATE OR REPLACE FUNCTION public.offers_keep_published_offer()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF NEW.status = 'DRAFT' OR (OLD.status = 'CANCELLED' AND NEW.status <> 'CANCELLED') THEN
        RAISE EXCEPTION 'a published offer is only ever cancelled'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_offer_is_only_ever_cancelled';
    END IF;
    IF NEW.number IS DISTINCT FROM OLD.number OR NEW.published_at IS DISTINCT FROM OLD.published_at THEN
        RAISE EXCEPTION 'a published offer keeps its number and its instant of publication'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_offer_keeps_its_number_and_instant';
    END IF;
    IF NEW.closes_at < OLD.closes_at OR NEW.closes_on < OLD.closes_on THEN
        RAISE EXCEPTION 'a published offer closes only later'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_offer_closes_only_later';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER published_offer_closes_only_later BEFORE UPDATE ON public.offers_offer FOR EACH ROW WHEN (((old.status)::text <> 'DRAFT'::text)) EXECUTE FUNCTION offers_keep_published_offer();
