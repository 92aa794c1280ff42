CREATE OR REPLACE FUNCTION public.use_up_invitation()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF (SELECT u.is_staff FROM accounts_user u WHERE u.id = NEW.user_id) AND NOT EXISTS (
        SELECT FROM mfa_authenticator a WHERE a.user_id = NEW.user_id AND a.type <> 'recovery_codes'
    ) THEN
        -- An invitation serves once, and is valid for seven days.
        DELETE FROM accounts_invitation i
            WHERE i.user_id = NEW.user_id AND i.given_at > transaction_timestamp() - interval '7 days';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'account % has no valid invitation', NEW.user_id USING
                ERRCODE = 'check_violation', CONSTRAINT = 'a_first_factor_uses_up_an_invitation';
        END IF;
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER first_factor_uses_up_an_invitation BEFORE INSERT ON public.mfa_authenticator FOR EACH ROW WHEN (((new.type)::text <> 'recovery_codes'::text)) EXECUTE FUNCTION use_up_invitation();
