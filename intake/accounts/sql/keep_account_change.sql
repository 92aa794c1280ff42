CREATE OR REPLACE FUNCTION public.keep_account_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF erasure_is_under_way() THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.asked_at := transaction_timestamp();
    ELSIF OLD.state <> 'ASKED' THEN
        RAISE EXCEPTION 'account change % is decided', OLD.id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_decided_account_change_never_changes';
    ELSIF (NEW.id, NEW.person_id, NEW.kind, NEW.value, NEW.before, NEW.reason, NEW.asked_by_id, NEW.asked_at,
        NEW.undoes_id)
        IS DISTINCT FROM
        (OLD.id, OLD.person_id, OLD.kind, OLD.value, OLD.before, OLD.reason, OLD.asked_by_id, OLD.asked_at,
        OLD.undoes_id) THEN
        RAISE EXCEPTION 'account change % stays as it was asked', OLD.id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_account_change_stays_as_it_was_asked';
    END IF;
    IF NEW.state <> 'ASKED' THEN
        NEW.decided_at := transaction_timestamp();
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER account_change_is_kept BEFORE INSERT OR UPDATE ON public.accounts_accountchange FOR EACH ROW EXECUTE FUNCTION keep_account_change();
