CREATE OR REPLACE FUNCTION public.refuse_unapproved_role()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    membership record;
BEGIN
    membership := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    -- As for accounts, the owner of the table can do without this trigger.
    IF NOT pg_has_role(current_user, (SELECT c.relowner FROM pg_class c WHERE c.oid = TG_RELID), 'MEMBER')
        AND (TG_OP = 'UPDATE' OR NOT EXISTS (
            SELECT FROM accounts_accountchange c, auth_group g
            WHERE c.person_id = membership.user_id AND c.kind = 'ROLES' AND c.state = 'APPLIED'
                AND c.decided_at = transaction_timestamp() AND g.id = membership.group_id
                AND (g.name = ANY (string_to_array(c.value, ' '))) = (TG_OP = 'INSERT')
        )) THEN
        RAISE EXCEPTION 'account % has no applied change for that role', membership.user_id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_role_changes_by_an_applied_change';
    END IF;
    RETURN membership;
END $function$;

CREATE TRIGGER role_changes_by_an_applied_change BEFORE INSERT OR DELETE OR UPDATE ON public.accounts_user_groups FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_role();
