CREATE OR REPLACE FUNCTION public.arrivals_that_wait(up_to integer)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'pg_temp'
 SET enable_bitmapscan TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
BEGIN
    -- By an index of those that wait, from its start: they are the last rows of the table.
    RETURN (SELECT count(*) FROM (SELECT FROM submissions_arrival WHERE state = 'WAITING' LIMIT up_to) waiting);
END $function$;
