CREATE OR REPLACE FUNCTION public.ask_for_documents_at_once()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM submissions_complementrequest c
            JOIN submissions_submission s ON s.id = c.submission_id
            JOIN offers_documentrequest q ON q.offer_id = s.offer_id
        WHERE c.id = NEW.complement_id AND q.id = NEW.request_id
            AND c.asked_at = transaction_timestamp() AND c.ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'a document of its offer is asked for with the request, or not at all' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_request_names_its_documents_at_once';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER complement_document_is_asked_at_once BEFORE INSERT ON public.submissions_complementdocument FOR EACH ROW EXECUTE FUNCTION ask_for_documents_at_once();
