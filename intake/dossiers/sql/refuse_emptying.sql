CREATE OR REPLACE FUNCTION public.refuse_emptying()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $function$;

CREATE TRIGGER dossiers_lostdossier_is_never_emptied BEFORE TRUNCATE ON public.dossiers_lostdossier FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER dossiers_remadereceipt_is_never_emptied BEFORE TRUNCATE ON public.dossiers_remadereceipt FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER dossiers_seal_is_never_emptied BEFORE TRUNCATE ON public.dossiers_seal FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER dossiers_signedreceipt_is_never_emptied BEFORE TRUNCATE ON public.dossiers_signedreceipt FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER journal_entry_is_never_emptied BEFORE TRUNCATE ON public.journal_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER journal_link_is_never_emptied BEFORE TRUNCATE ON public.journal_link FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER profiles_noticeacceptance_is_never_emptied BEFORE TRUNCATE ON public.profiles_noticeacceptance FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER register_removal_is_never_emptied BEFORE TRUNCATE ON public.register_removal FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER review_evidence_is_never_emptied BEFORE TRUNCATE ON public.review_evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER review_meetingnote_is_never_emptied BEFORE TRUNCATE ON public.review_meetingnote FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER review_shortlist_is_never_emptied BEFORE TRUNCATE ON public.review_shortlist FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER review_shortlistexport_is_never_emptied BEFORE TRUNCATE ON public.review_shortlistexport FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER review_shortlistrow_is_never_emptied BEFORE TRUNCATE ON public.review_shortlistrow FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER submissions_complementdocument_is_never_emptied BEFORE TRUNCATE ON public.submissions_complementdocument FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER submissions_fileddocument_is_never_emptied BEFORE TRUNCATE ON public.submissions_fileddocument FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER submissions_filing_is_never_emptied BEFORE TRUNCATE ON public.submissions_filing FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER submissions_personalextension_is_never_emptied BEFORE TRUNCATE ON public.submissions_personalextension FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER submissions_receipt_is_never_emptied BEFORE TRUNCATE ON public.submissions_receipt FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER submissions_reviewrequest_is_never_emptied BEFORE TRUNCATE ON public.submissions_reviewrequest FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER submissions_ruling_is_never_emptied BEFORE TRUNCATE ON public.submissions_ruling FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER submissions_transition_is_never_emptied BEFORE TRUNCATE ON public.submissions_transition FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER submissions_verdict_is_never_emptied BEFORE TRUNCATE ON public.submissions_verdict FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER transparency_leaf_is_never_emptied BEFORE TRUNCATE ON public.transparency_leaf FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER transparency_node_is_never_emptied BEFORE TRUNCATE ON public.transparency_node FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();

CREATE TRIGGER transparency_root_is_never_emptied BEFORE TRUNCATE ON public.transparency_root FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying();
