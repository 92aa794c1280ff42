CREATE OR REPLACE FUNCTION public.offers_keep_closing_before()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    -- Whatever was supplied is ignored: only a published offer that closes later has closed at another instant before.
    IF TG_OP = 'INSERT' OR OLD.status = 'DRAFT' THEN
        NEW.closed_at_before := NULL;
    ELSIF NEW.closes_at > OLD.closes_at THEN
        NEW.closed_at_before := OLD.closes_at;
    ELSE
        NEW.closed_at_before := OLD.closed_at_before;
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER closing_before_is_kept BEFORE INSERT OR UPDATE ON public.offers_offer FOR EACH ROW EXECUTE FUNCTION offers_keep_closing_before();
