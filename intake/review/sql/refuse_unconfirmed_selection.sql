CREATE OR REPLACE FUNCTION public.refuse_unconfirmed_selection()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    lacking smallint;
BEGIN
    -- A stage that took place is over, whatever was found since it began: the register is to know of it.
    IF TG_OP = 'UPDATE' AND NEW.state = 'COMPLETED' THEN
        IF OLD.state = 'PLACED' AND OLD.standing_filing_id = NEW.standing_filing_id THEN
            RETURN NEW;
        END IF;
    END IF;
    SELECT wanted INTO lacking
        FROM submissions_verdict v, unnest(v.blocking) AS wanted
        WHERE v.filing_id = NEW.standing_filing_id
            AND (
                -- Of several, the latest stands.
                SELECT e.outcome FROM review_evidence e
                    WHERE e.filing_id = v.filing_id AND e.position = wanted
                    ORDER BY e.id DESC LIMIT 1
            ) IS DISTINCT FROM 'CONFIRMED'
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'finding % of filing % is not confirmed', lacking, NEW.standing_filing_id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_selected_file_has_every_finding_confirmed';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER submission_is_selected_on_evidence BEFORE INSERT OR UPDATE OF state, standing_filing_id ON public.submissions_submission FOR EACH ROW WHEN (((new.state)::text = ANY (ARRAY[('SELECTED'::character varying)::text, ('PLACED'::character varying)::text, ('COMPLETED'::character varying)::text]))) EXECUTE FUNCTION refuse_unconfirmed_selection();
