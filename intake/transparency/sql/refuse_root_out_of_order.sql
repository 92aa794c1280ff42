CREATE OR REPLACE FUNCTION public.refuse_root_out_of_order()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    latest record;
BEGIN
    SELECT r.rank, r.size, r.published_at INTO latest FROM transparency_root r ORDER BY r.rank DESC LIMIT 1;
    IF NEW.rank <> COALESCE(latest.rank, 0) + 1 OR NEW.size < COALESCE(latest.size, 0)
        OR NEW.size <> COALESCE((SELECT max(position) + 1 FROM transparency_leaf), 0) THEN
        RAISE EXCEPTION 'root % over % leaves does not follow the last one', NEW.rank, NEW.size USING
            ERRCODE = 'check_violation', CONSTRAINT = 'log_roots_follow_one_another';
    END IF;
    -- Not the transaction's own instant: it may have waited for another that published meanwhile.
    IF NEW.published_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
        OR NEW.published_at <= latest.published_at THEN
        RAISE EXCEPTION 'a root bears the instant at which it is published' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'log_root_bears_the_databases_instant';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER log_roots_follow_one_another BEFORE INSERT ON public.transparency_root FOR EACH ROW EXECUTE FUNCTION refuse_root_out_of_order();
