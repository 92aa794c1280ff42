CREATE OR REPLACE FUNCTION public.refuse_cancelling_alone()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    -- The operator and migrations have the owner's connection.
    IF pg_has_role(current_user, (SELECT c.relowner FROM pg_class c WHERE c.oid = TG_RELID), 'MEMBER') THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT FROM offers_offerchange done CROSS JOIN LATERAL (
            -- A request that was refused or withdrawn is no longer the last step.
            SELECT c.kind, c.author_id, c.reason FROM offers_offerchange c
                WHERE c.offer_id = NEW.id AND c.kind LIKE 'CANCEL%' AND c.id < done.id
                ORDER BY c.id DESC LIMIT 1
        ) AS asked
        WHERE done.offer_id = NEW.id AND done.kind = 'CANCELLED' AND asked.kind = 'CANCEL_ASKED'
            AND asked.author_id <> done.author_id AND asked.reason = done.reason
    ) THEN
        RAISE EXCEPTION 'offer % is not cancelled by two people', NEW.id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_offer_is_cancelled_by_two_people';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER offer_is_cancelled_by_a_second_person BEFORE UPDATE OF status ON public.offers_offer FOR EACH ROW WHEN ((((new.status)::text = 'CANCELLED'::text) AND ((old.status)::text <> 'CANCELLED'::text))) EXECUTE FUNCTION refuse_cancelling_alone();
