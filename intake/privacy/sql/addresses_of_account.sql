CREATE OR REPLACE FUNCTION public.addresses_of_account(target bigint)
 RETURNS text[]
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
    SELECT array_agg(known.address) FROM (
        SELECT u.email::text AS address FROM accounts_user u WHERE u.id = target
        UNION
        SELECT c.before::text FROM accounts_accountchange c
        WHERE c.person_id = target AND c.kind IN ('ADDRESS', 'OWN_ADDRESS') AND c.state = 'APPLIED' AND c.before <> ''
    ) known
$function$;
