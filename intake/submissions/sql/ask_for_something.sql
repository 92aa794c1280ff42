CREATE OR REPLACE FUNCTION public.ask_for_something()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM submissions_complementdocument d WHERE d.complement_id = NEW.id) THEN
        RAISE EXCEPTION 'neither a document nor a group of questions is asked for' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_request_asks_for_something';
    END IF;
    RETURN NULL;
END $function$;

CREATE CONSTRAINT TRIGGER complement_request_asks_for_something AFTER INSERT ON public.submissions_complementrequest DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((cardinality(new.sections) = 0)) EXECUTE FUNCTION ask_for_something();
