CREATE OR REPLACE FUNCTION public.refuse_unapproved_account()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    -- The owner of the table can do without this trigger: migrations and restored copies.
    IF pg_has_role(current_user, (SELECT c.relowner FROM pg_class c WHERE c.oid = TG_RELID), 'MEMBER') THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.is_staff OR NEW.is_superuser THEN
            RAISE EXCEPTION 'an account opens without rights' USING
                ERRCODE = 'check_violation', CONSTRAINT = 'an_account_changes_by_an_applied_change';
        END IF;
    ELSIF (NEW.email <> OLD.email AND NOT account_change_is_applied_now(NEW.id, '{ADDRESS}', NEW.email) AND (
            -- A candidate changes their own; an account with access to the administration needs two people.
            OLD.is_staff OR OLD.is_superuser OR NOT OLD.is_active
            OR NOT account_change_is_applied_now(NEW.id, '{OWN_ADDRESS}', NEW.email)
        ))
        OR (NEW.is_superuser <> OLD.is_superuser AND NOT account_change_is_applied_now(
            NEW.id, '{ADMINISTRATION}', CASE WHEN NEW.is_superuser THEN 'YES' ELSE 'NO' END))
        OR (NEW.is_staff <> OLD.is_staff AND NOT account_change_is_applied_now(
            NEW.id, '{ADMINISTRATION,ROLES}', NULL))
        OR (NEW.is_active AND NOT OLD.is_active AND NOT account_change_is_applied_now(NEW.id, '{REOPENING}', '')) THEN
        RAISE EXCEPTION 'account % has no applied change for that', OLD.id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_account_changes_by_an_applied_change';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER account_changes_by_an_applied_change BEFORE UPDATE ON public.accounts_user FOR EACH ROW WHEN ((((old.email)::text <> (new.email)::text) OR (old.is_superuser <> new.is_superuser) OR (old.is_staff <> new.is_staff) OR (old.is_active <> new.is_active))) EXECUTE FUNCTION refuse_unapproved_account();

CREATE TRIGGER account_opens_without_rights BEFORE INSERT ON public.accounts_user FOR EACH ROW WHEN ((new.is_staff OR new.is_superuser)) EXECUTE FUNCTION refuse_unapproved_account();
