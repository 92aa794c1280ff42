CREATE OR REPLACE FUNCTION public.say_found_after_selection()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    NEW.after_selection := EXISTS (
        SELECT FROM submissions_submission s
        WHERE s.standing_filing_id = NEW.filing_id AND s.state IN ('SELECTED', 'PLACED', 'COMPLETED')
    );
    RETURN NEW;
END $function$;

CREATE TRIGGER evidence_says_whether_it_came_after_a_selection BEFORE INSERT ON public.review_evidence FOR EACH ROW EXECUTE FUNCTION say_found_after_selection();
