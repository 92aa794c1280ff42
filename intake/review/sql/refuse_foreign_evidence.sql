CREATE OR REPLACE FUNCTION public.refuse_foreign_evidence()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF NEW.document_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM submissions_fileddocument d WHERE d.id = NEW.document_id AND d.filing_id = NEW.filing_id
    ) THEN
        RAISE EXCEPTION 'document % is of another filing', NEW.document_id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'evidence_quotes_a_document_of_its_filing';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER evidence_quotes_a_document_of_its_filing BEFORE INSERT ON public.review_evidence FOR EACH ROW EXECUTE FUNCTION refuse_foreign_evidence();
