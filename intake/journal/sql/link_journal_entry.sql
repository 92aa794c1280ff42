CREATE OR REPLACE FUNCTION public.link_journal_entry(entry journal_entry, chain integer)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
    before record;
    place bigint := 1;
    salt uuid := gen_random_uuid();
    committed text;
    previous text := repeat('0', 64);
BEGIN
    SELECT l.position, l.digest INTO before
        FROM journal_link l WHERE l.lane = chain ORDER BY l.position DESC LIMIT 1;
    IF FOUND THEN
        place := before.position + 1;
        previous := before.digest;
    END IF;
    committed := encode(sha256(convert_to(
        salt || jsonb_build_array(entry.actor_id, entry.subject_kind, entry.subject_id, entry.detail)::text, 'UTF8'
    )), 'hex');
    INSERT INTO journal_link (entry_id, lane, position, salt, commitment, digest) VALUES (
        entry.id, chain, place, salt, committed,
        encode(sha256(convert_to(previous || jsonb_build_array(
            entry.id, chain, place,
            to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            entry.action, committed
        )::text, 'UTF8')), 'hex')
    );
END $function$;
