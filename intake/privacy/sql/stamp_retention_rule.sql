CREATE OR REPLACE FUNCTION public.stamp_retention_rule()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    months_now integer;
BEGIN
    -- Two rules of one outcome are set one after the other.
    PERFORM pg_advisory_xact_lock(hashtextextended('retention ' || NEW.outcome, 0));
    IF NEW.author_id IS NULL AND NOT pg_has_role(
        current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER'
    ) OR NEW.author_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM accounts_user u WHERE u.id = NEW.author_id AND u.is_superuser AND u.is_active
    ) THEN
        RAISE EXCEPTION 'only an administrator sets a retention rule' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_retention_rule_is_set_by_an_administrator';
    END IF;
    SELECT r.months INTO months_now FROM privacy_retentionrule r
        WHERE r.outcome = NEW.outcome ORDER BY r.id DESC LIMIT 1;
    NEW.at := transaction_timestamp();
    -- A shorter period leaves time to tell the people whose day comes closer; a longer one applies at once.
    NEW.applies_at := NEW.at + CASE WHEN NEW.months < months_now THEN interval '30 days' ELSE interval '0' END;
    RETURN NEW;
END $function$;

CREATE TRIGGER retention_rule_is_stamped BEFORE INSERT ON public.privacy_retentionrule FOR EACH ROW EXECUTE FUNCTION stamp_retention_rule();
