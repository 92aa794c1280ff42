CREATE OR REPLACE FUNCTION public.account_change_is_applied_now(person bigint, kinds text[], wanted text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
    -- The instant of a decision is its transaction's: a change of yesterday permits nothing today.
    SELECT EXISTS (
        SELECT FROM accounts_accountchange c
        WHERE c.person_id = person AND c.kind = ANY (kinds) AND c.state = 'APPLIED'
            AND c.decided_at = transaction_timestamp() AND (wanted IS NULL OR c.value = wanted)
    )
$function$;
