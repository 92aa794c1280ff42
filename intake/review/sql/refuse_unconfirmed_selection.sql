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
            AND NOT EXISTS (
                SELECT FROM (
                    -- Of several, the latest stands.
                    SELECT e.outcome, e.author_id, e.at FROM review_evidence e
                        WHERE e.filing_id = v.filing_id AND e.position = wanted
                        ORDER BY e.id DESC LIMIT 1
                ) AS latest
                WHERE latest.outcome = 'CONFIRMED'
                    -- A person in conflict with the file, or who applied to its offer, confirms nothing.
                    AND NOT EXISTS (
                        SELECT FROM review_conflict c
                        WHERE c.submission_id = NEW.id AND c.reviewer_id = latest.author_id AND c.lifted_at IS NULL
                    )
                    AND NOT EXISTS (
                        SELECT FROM submissions_submission own
                        WHERE own.offer_id = NEW.offer_id AND own.candidate_id = latest.author_id
                    )
                    -- Nor what was confirmed before the register had a row of the same name.
                    AND NOT EXISTS (
                        SELECT FROM review_registermatch m
                        WHERE m.filing_id = v.filing_id AND m.position = wanted AND m.entered_at > latest.at
                    )
            )
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'finding % of filing % is not confirmed', lacking, NEW.standing_filing_id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_selected_file_has_every_finding_confirmed';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER submission_is_selected_on_evidence BEFORE INSERT OR UPDATE OF state, standing_filing_id ON public.submissions_submission FOR EACH ROW WHEN (((new.state)::text = ANY (ARRAY[('SELECTED'::character varying)::text, ('PLACED'::character varying)::text, ('COMPLETED'::character varying)::text]))) EXECUTE FUNCTION refuse_unconfirmed_selection();
