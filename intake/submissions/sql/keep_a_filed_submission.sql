CREATE OR REPLACE FUNCTION public.keep_a_filed_submission()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    -- Else: file on an offer that is open, then say that it was for one that closed.
    IF EXISTS (SELECT FROM submissions_filing f WHERE f.submission_id = NEW.id) THEN
        RAISE EXCEPTION 'a submission that was filed keeps its offer and its person' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_filed_submission_keeps_its_offer_and_person';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER filed_submission_keeps_its_offer_and_person BEFORE UPDATE OF offer_id, candidate_id ON public.submissions_submission FOR EACH ROW WHEN (((old.offer_id <> new.offer_id) OR (old.candidate_id <> new.candidate_id))) EXECUTE FUNCTION keep_a_filed_submission();
