CREATE OR REPLACE FUNCTION public.erasure_is_under_way()
 RETURNS boolean
 LANGUAGE sql
 SET search_path TO 'public', 'pg_temp'
AS $function$
    -- Only a function of the owner inserts an erasure, and it names this very transaction. Outside such a function the
    -- application's role is not the owner, even later in the transaction.
    SELECT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = 'privacy_erasure'::regclass), 'MEMBER')
        AND EXISTS (SELECT FROM privacy_erasure WHERE erased_at = transaction_timestamp())
$function$;
