CREATE OR REPLACE FUNCTION public.refuse_undecided_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    administrators integer;
BEGIN
    -- The operator, who has the owner's connection, changes an account without an author; so do migrations.
    IF pg_has_role(current_user, (SELECT c.relowner FROM pg_class c WHERE c.oid = TG_RELID), 'MEMBER') THEN
        RETURN NEW;
    END IF;
    -- Locked: an administrator who loses the right at this instant decides nothing.
    PERFORM FROM accounts_user u WHERE u.id IN (NEW.asked_by_id, NEW.decided_by_id) AND u.is_superuser AND u.is_active
        FOR SHARE;
    GET DIAGNOSTICS administrators = ROW_COUNT;
    IF NEW.asked_by_id IS NULL OR NEW.decided_by_id IS NULL OR NOT (CASE
        -- A candidate changes their own address; the link to their former one closes the account, if it gives none back.
        WHEN NEW.kind = 'OWN_ADDRESS' OR (NEW.kind = 'CLOSING' AND NEW.undoes_id IS NOT NULL)
            THEN NEW.asked_by_id = NEW.person_id AND NEW.decided_by_id = NEW.person_id
        -- Closing an account protects it: one administrator is enough.
        WHEN NEW.kind = 'CLOSING' AND NEW.asked_by_id = NEW.decided_by_id THEN administrators = 1
        ELSE administrators = 2 AND NEW.decided_by_id <> NEW.person_id
    END) THEN
        RAISE EXCEPTION 'account change % is not decided by administrators', NEW.id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_account_change_is_decided_by_administrators';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER account_change_is_decided_by_administrators BEFORE INSERT OR UPDATE OF state ON public.accounts_accountchange FOR EACH ROW WHEN (((new.state)::text = 'APPLIED'::text)) EXECUTE FUNCTION refuse_undecided_change();
