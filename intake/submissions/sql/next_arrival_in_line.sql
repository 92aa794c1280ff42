CREATE OR REPLACE FUNCTION public.next_arrival_in_line(left_out bigint[])
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_sort TO 'off'
AS $function$
BEGIN
    -- Locks the submission, as filing does first: the two never wait for each other. The plan is kept, and made while
    -- few waited: to sort them cost nothing then, and in a rush costs more than all the rest. Hence `enable_sort`.
    RETURN (SELECT a.id FROM submissions_arrival a JOIN submissions_submission s ON s.id = a.submission_id
        WHERE a.state = 'WAITING' AND a.id <> ALL (left_out)
        ORDER BY a.arrived_at, a.id LIMIT 1 FOR UPDATE OF s SKIP LOCKED);
END $function$;
