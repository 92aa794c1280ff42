CREATE OR REPLACE FUNCTION public.copy_the_standing_filing()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    -- Whatever the application supplied is ignored: these are what the filing and its verdict say.
    NEW.received_at := NULL;
    NEW.filed_outcome := '';
    IF NEW.standing_filing_id IS NOT NULL THEN
        SELECT f.received_at, v.outcome INTO NEW.received_at, NEW.filed_outcome
            FROM submissions_filing f JOIN submissions_verdict v ON v.filing_id = f.id
            WHERE f.id = NEW.standing_filing_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no filing % with a verdict', NEW.standing_filing_id USING
                ERRCODE = 'check_violation', CONSTRAINT = 'submission_stands_on_a_judged_filing';
        END IF;
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER submission_says_what_its_filing_says BEFORE INSERT OR UPDATE OF standing_filing_id, received_at, filed_outcome ON public.submissions_submission FOR EACH ROW EXECUTE FUNCTION copy_the_standing_filing();
