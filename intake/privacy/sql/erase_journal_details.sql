CREATE OR REPLACE FUNCTION public.erase_journal_details(addresses text[], family text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    WITH named AS (
        UPDATE journal_entry SET detail = ''
            WHERE detail <> '' AND names_the_person(detail, addresses, family)
        RETURNING id
    )
    -- Without its salt a commitment cannot be computed again, nor guessed: the chain stays valid.
    UPDATE journal_link l SET salt = NULL FROM named WHERE l.entry_id = named.id;
END $function$;
