CREATE OR REPLACE FUNCTION public.keep_erasure()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- The function that erases lists the files; once they are deleted, the list is emptied and says when.
        IF OLD.files_removed_at IS NULL
            AND to_jsonb(NEW) - '{files,files_removed_at}'::text[]
                = to_jsonb(OLD) - '{files,files_removed_at}'::text[]
            AND (NEW.files_removed_at IS NOT NULL OR erasure_is_under_way()) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'an erasure stays, and only its files are removed once' USING
        ERRCODE = 'restrict_violation';
END $function$;

CREATE TRIGGER erasure_stays BEFORE DELETE OR UPDATE ON public.privacy_erasure FOR EACH ROW EXECUTE FUNCTION keep_erasure();
