CREATE OR REPLACE FUNCTION public.refuse_leaf_out_of_order()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF NEW.position <> COALESCE((SELECT max(position) + 1 FROM transparency_leaf), 0) THEN
        RAISE EXCEPTION 'leaf % does not follow the last one', NEW.position USING
            ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_follow_one_another';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER log_leaves_follow_one_another BEFORE INSERT ON public.transparency_leaf FOR EACH ROW EXECUTE FUNCTION refuse_leaf_out_of_order();
