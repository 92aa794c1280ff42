CREATE OR REPLACE FUNCTION public.refuse_reserve_without_request()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF NEW.under_reserve
        AND NOT EXISTS (SELECT FROM submissions_reviewrequest r WHERE r.filing_id = NEW.filing_id) THEN
        RAISE EXCEPTION 'a filing under reserve commits with its request for review' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_under_reserve_has_its_request';
    END IF;
    RETURN NULL;
END $function$;

CREATE CONSTRAINT TRIGGER verdict_under_reserve_has_its_request AFTER INSERT ON public.submissions_verdict DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_reserve_without_request();
