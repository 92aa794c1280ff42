CREATE OR REPLACE FUNCTION public.offers_keep_published_rulebook()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'a published rulebook never changes'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'published_rulebook_never_changes';
END $function$;

CREATE TRIGGER published_rulebook_never_changes BEFORE DELETE OR UPDATE ON public.offers_rulebookversion FOR EACH ROW WHEN ((old.published_at IS NOT NULL)) EXECUTE FUNCTION offers_keep_published_rulebook();
