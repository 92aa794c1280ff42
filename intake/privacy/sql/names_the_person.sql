CREATE OR REPLACE FUNCTION public.names_the_person(words text, addresses text[], family text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
    -- An address anywhere, or the family name as whole words; a name of one or two letters is taken for no word.
    SELECT EXISTS (
        SELECT FROM unnest(names_the_person.addresses) AS address
        WHERE position(lower(address) IN lower(names_the_person.words)) > 0
    ) OR coalesce(
        length(btrim(worded.family)) > 2 AND position(worded.family IN worded.words) > 0, FALSE
    )
    FROM (
        SELECT ' ' || regexp_replace(fold_text(names_the_person.words), '[^[:alnum:]]+', ' ', 'g') || ' ' AS words,
            ' ' || btrim(regexp_replace(fold_text(names_the_person.family), '[^[:alnum:]]+', ' ', 'g')) || ' ' AS family
    ) worded
$function$;
