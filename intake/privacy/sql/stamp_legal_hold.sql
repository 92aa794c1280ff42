CREATE OR REPLACE FUNCTION public.stamp_legal_hold()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    NEW.put_at := transaction_timestamp();
    NEW.lifted_at := NULL;
    NEW.lifted_by_id := NULL;
    NEW.lift_reason := '';
    IF NOT EXISTS (
        SELECT FROM accounts_user u WHERE u.id = NEW.put_by_id AND u.is_superuser AND u.is_active
    ) THEN
        RAISE EXCEPTION 'only an administrator holds a file' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_legal_hold_is_put_by_an_administrator';
    END IF;
    -- An erasure that runs is waited for.
    PERFORM FROM submissions_submission WHERE id = NEW.submission_id FOR KEY SHARE;
    IF EXISTS (SELECT FROM privacy_erasure e WHERE e.submission_id = NEW.submission_id) THEN
        RAISE EXCEPTION 'the file is erased' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_file_is_held_before_it_is_erased';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER legal_hold_is_stamped BEFORE INSERT ON public.privacy_legalhold FOR EACH ROW EXECUTE FUNCTION stamp_legal_hold();
