CREATE OR REPLACE FUNCTION public.refuse_upholding_alone()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM (
            -- Of several rulings of the current review on a finding, the latest stands.
            SELECT DISTINCT ON (r.position) r.decision, r.actor_id
                FROM submissions_submission s JOIN submissions_ruling r ON r.filing_id = s.standing_filing_id
                WHERE s.id = NEW.submission_id AND r.turn = 1 + (
                    SELECT count(*) FROM submissions_transition t
                    WHERE t.submission_id = s.id AND t.action = 'JUDGE_AGAIN'
                )
                ORDER BY r.position, r.id DESC
        ) AS latest
        WHERE latest.decision = 'CONFIRMED' AND latest.actor_id = NEW.actor_id
    ) THEN
        RAISE EXCEPTION 'the review of submission % is upheld by a person who confirmed', NEW.submission_id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_second_person_upholds_a_review';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER review_is_upheld_by_a_second_person BEFORE INSERT ON public.submissions_transition FOR EACH ROW WHEN (((new.action)::text = 'FIND_INADMISSIBLE'::text)) EXECUTE FUNCTION refuse_upholding_alone();
