CREATE OR REPLACE FUNCTION public.free_reserve_place()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    DELETE FROM review_reserveplace WHERE submission_id = NEW.id;
    RETURN NULL;
END $function$;

CREATE TRIGGER submission_leaves_the_reserve_list AFTER UPDATE OF state ON public.submissions_submission FOR EACH ROW WHEN ((((old.state)::text = 'RESERVE'::text) AND ((new.state)::text <> 'RESERVE'::text))) EXECUTE FUNCTION free_reserve_place();
