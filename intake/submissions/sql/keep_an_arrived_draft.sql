CREATE OR REPLACE FUNCTION public.keep_an_arrived_draft()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    -- What arrived before the closing is what is filed, minutes later.
    IF EXISTS (SELECT FROM submissions_arrival a WHERE a.draft_id = OLD.id AND a.state = 'WAITING')
        AND NOT erasure_is_under_way() THEN
        RAISE EXCEPTION 'draft % waits to be filed as it is', OLD.id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_arrived_draft_is_frozen';
    END IF;
    RETURN coalesce(NEW, OLD);
END $function$;

CREATE TRIGGER arrived_draft_is_frozen BEFORE DELETE OR UPDATE OF answers, version ON public.submissions_draft FOR EACH ROW EXECUTE FUNCTION keep_an_arrived_draft();
