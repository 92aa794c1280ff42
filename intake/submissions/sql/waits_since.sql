CREATE OR REPLACE FUNCTION public.waits_since(of_submission bigint)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
BEGIN
    -- By `settled_at`: by `state`, a plan that is made while none waits reads the index of all that wait in a rush.
    RETURN (SELECT min(a.arrived_at) FROM submissions_arrival a JOIN submissions_draft d ON d.id = a.draft_id
        WHERE a.submission_id = of_submission AND a.settled_at IS NULL AND d.closed_at IS NULL);
END $function$;
