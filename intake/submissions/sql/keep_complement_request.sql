CREATE OR REPLACE FUNCTION public.keep_complement_request()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF erasure_is_under_way() THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL
        OR to_jsonb(NEW) - '{ended_at,ending,answered_by_id}'::text[]
            <> to_jsonb(OLD) - '{ended_at,ending,answered_by_id}'::text[] THEN
        RAISE EXCEPTION 'a complement request ends once, and nothing else of it changes' USING
            ERRCODE = 'restrict_violation';
    END IF;
    NEW.ended_at := transaction_timestamp();
    IF NEW.answered_by_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM submissions_filing f
        WHERE f.id = NEW.answered_by_id AND f.submission_id = NEW.submission_id
            AND f.transaction = pg_current_xact_id()::text::bigint AND f.id <> NEW.filing_id
    ) THEN
        RAISE EXCEPTION 'it is answered by a filing of its submission, as that is written' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_request_is_answered_by_a_filing_of_its_file';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER complement_request_ends_once BEFORE DELETE OR UPDATE ON public.submissions_complementrequest FOR EACH ROW EXECUTE FUNCTION keep_complement_request();
