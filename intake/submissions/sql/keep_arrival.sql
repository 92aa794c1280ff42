CREATE OR REPLACE FUNCTION public.keep_arrival()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF erasure_is_under_way() THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - '{state,reason,settled_at,review_message,draft_id}'::text[]
            <> to_jsonb(OLD) - '{state,reason,settled_at,review_message,draft_id}'::text[] THEN
        RAISE EXCEPTION 'an arrival is settled once, and nothing else of it changes' USING
            ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.draft_id IS DISTINCT FROM OLD.draft_id AND (NEW.draft_id IS NOT NULL OR OLD.state = 'WAITING') THEN
        RAISE EXCEPTION 'an arrival that waits keeps its draft' USING
            ERRCODE = 'restrict_violation', CONSTRAINT = 'a_waiting_arrival_keeps_its_draft';
    END IF;
    IF NEW.review_message <> OLD.review_message AND NEW.review_message <> '' THEN
        RAISE EXCEPTION 'the text of an arrival is only erased' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = OLD.state THEN
        NEW.settled_at := OLD.settled_at;
        NEW.reason := OLD.reason;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'WAITING' THEN
        RAISE EXCEPTION 'an arrival is settled once' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.settled_at := transaction_timestamp();
    IF (NEW.state = 'FILED') <> EXISTS (SELECT FROM submissions_filing f WHERE f.arrival_id = NEW.id) THEN
        RAISE EXCEPTION 'an arrival is filed if and only if a filing names it' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_arrival_is_filed_by_its_filing';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER arrival_is_settled_once BEFORE DELETE OR UPDATE ON public.submissions_arrival FOR EACH ROW EXECUTE FUNCTION keep_arrival();
