CREATE OR REPLACE FUNCTION public.keep_legal_hold()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF erasure_is_under_way() THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' OR OLD.lifted_at IS NOT NULL OR NEW.lifted_by_id IS NULL
        OR to_jsonb(NEW) - '{lifted_at,lifted_by_id,lift_reason}'::text[]
            <> to_jsonb(OLD) - '{lifted_at,lifted_by_id,lift_reason}'::text[] THEN
        RAISE EXCEPTION 'a legal hold is lifted once, and nothing else of it changes' USING
            ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (
        SELECT FROM accounts_user u WHERE u.id = NEW.lifted_by_id AND u.is_superuser AND u.is_active
    ) THEN
        RAISE EXCEPTION 'only an administrator lifts a hold' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_legal_hold_is_lifted_by_an_administrator';
    END IF;
    NEW.lifted_at := transaction_timestamp();
    RETURN NEW;
END $function$;

CREATE TRIGGER legal_hold_is_lifted_once BEFORE DELETE OR UPDATE ON public.privacy_legalhold FOR EACH ROW EXECUTE FUNCTION keep_legal_hold();
