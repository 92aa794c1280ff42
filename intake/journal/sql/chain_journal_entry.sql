CREATE OR REPLACE FUNCTION public.chain_journal_entry()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    chain integer := 1;
BEGIN
    -- The first chain that no other transaction is adding to, held until this one ends. Nobody waits here: filings do
    -- not queue behind one another, and nothing can be waited for in a circle.
    WHILE NOT pg_try_advisory_xact_lock(1785689458, chain) LOOP
        chain := chain + 1;
    END LOOP;
    PERFORM link_journal_entry(NEW, chain);
    RETURN NULL;
END $function$;

CREATE TRIGGER journal_entry_is_chained AFTER INSERT ON public.journal_entry FOR EACH ROW EXECUTE FUNCTION chain_journal_entry();
