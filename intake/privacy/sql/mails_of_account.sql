CREATE OR REPLACE FUNCTION public.mails_of_account(target bigint)
 RETURNS SETOF bigint
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
    -- Deliveries of the mails to each address until this account left it, without those to an account that had it
    -- before and left it too. Then the mails that announced the changes.
    WITH moves AS (
        SELECT c.id, c.person_id, c.before, c.decided_at FROM accounts_accountchange c
        WHERE c.kind IN ('ADDRESS', 'OWN_ADDRESS') AND c.state = 'APPLIED'
    ), held AS (
        SELECT v.before AS address, v.decided_at AS until FROM moves v WHERE v.person_id = target
        UNION ALL
        SELECT u.email, 'infinity' FROM accounts_user u WHERE u.id = target
    )
    SELECT m.delivery_id FROM held h JOIN outbox_message m ON m.to_address = h.address AND m.created_at < h.until
    WHERE NOT EXISTS (
        SELECT FROM moves v WHERE v.before = m.to_address AND v.person_id <> target
            AND v.decided_at > m.created_at AND v.decided_at < h.until
    )
    UNION
    SELECT d.id FROM outbox_delivery d JOIN moves v ON v.person_id = target AND d.subject_id = v.id::text
    WHERE d.subject_kind = 'accounts.accountchange' AND d.kind <> 'ACCOUNT_OPERATOR_MAIL'
$function$;
