CREATE OR REPLACE FUNCTION public.offers_refuse_shared_synonym()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    given text[] := ARRAY(SELECT coalesce(fold_text(term), '') FROM unnest(NEW.terms) AS term);
BEGIN
    -- One writer at a time: two new groups would not see each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('offers_synonymgroup', 0));
    IF '' = ANY(given)
        OR cardinality(given) > (SELECT count(DISTINCT term) FROM unnest(given) AS term)
        OR EXISTS (
            SELECT FROM offers_synonymgroup AS other, unnest(other.terms) AS term
            WHERE other.id <> NEW.id AND fold_text(term) = ANY(given)
        )
    THEN
        RAISE EXCEPTION 'a search term is in one group of synonyms, once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'search_term_is_in_one_group_once';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER search_term_is_in_one_group_once BEFORE INSERT OR UPDATE ON public.offers_synonymgroup FOR EACH ROW EXECUTE FUNCTION offers_refuse_shared_synonym();
