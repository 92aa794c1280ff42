CREATE OR REPLACE FUNCTION public.refuse_change_of_a_participation()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'a participation is never changed' USING
            ERRCODE = 'restrict_violation', CONSTRAINT = 'participation_is_never_changed';
    END IF;
    -- The instant is the transaction's: a reason that was given for another removal does not serve.
    IF NOT EXISTS (
        SELECT FROM register_removal r
        WHERE r.participation = OLD.id AND r.removed_at = transaction_timestamp()
    ) THEN
        RAISE EXCEPTION 'a participation is removed with its reason' USING
            ERRCODE = 'restrict_violation', CONSTRAINT = 'participation_is_removed_with_its_reason';
    END IF;
    RETURN OLD;
END $function$;

CREATE TRIGGER participation_is_never_changed BEFORE DELETE OR UPDATE ON public.register_participation FOR EACH ROW EXECUTE FUNCTION refuse_change_of_a_participation();
