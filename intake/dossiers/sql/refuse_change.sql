CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $function$;

CREATE TRIGGER dossiers_lostdossier_is_append_only BEFORE DELETE OR UPDATE ON public.dossiers_lostdossier FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER dossiers_remadereceipt_is_append_only BEFORE DELETE OR UPDATE ON public.dossiers_remadereceipt FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER dossiers_seal_is_append_only BEFORE DELETE OR UPDATE ON public.dossiers_seal FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER dossiers_signedreceipt_is_append_only BEFORE DELETE OR UPDATE ON public.dossiers_signedreceipt FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER journal_entry_is_append_only BEFORE DELETE OR UPDATE ON public.journal_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER journal_link_is_append_only BEFORE DELETE OR UPDATE ON public.journal_link FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER profiles_noticeacceptance_is_append_only BEFORE DELETE OR UPDATE ON public.profiles_noticeacceptance FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER register_removal_is_append_only BEFORE DELETE OR UPDATE ON public.register_removal FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER review_evidence_is_append_only BEFORE DELETE OR UPDATE ON public.review_evidence FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER review_meetingnote_is_append_only BEFORE DELETE OR UPDATE ON public.review_meetingnote FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER review_shortlist_is_append_only BEFORE DELETE OR UPDATE ON public.review_shortlist FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER review_shortlistexport_is_append_only BEFORE DELETE OR UPDATE ON public.review_shortlistexport FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER review_shortlistrow_is_append_only BEFORE DELETE OR UPDATE ON public.review_shortlistrow FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER submissions_complementdocument_is_append_only BEFORE DELETE OR UPDATE ON public.submissions_complementdocument FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER submissions_fileddocument_is_append_only BEFORE DELETE OR UPDATE ON public.submissions_fileddocument FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER submissions_filing_is_append_only BEFORE DELETE OR UPDATE ON public.submissions_filing FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER submissions_personalextension_is_append_only BEFORE DELETE OR UPDATE ON public.submissions_personalextension FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER submissions_receipt_is_append_only BEFORE DELETE OR UPDATE ON public.submissions_receipt FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER submissions_reviewrequest_is_append_only BEFORE DELETE OR UPDATE ON public.submissions_reviewrequest FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER submissions_ruling_is_append_only BEFORE DELETE OR UPDATE ON public.submissions_ruling FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER submissions_transition_is_append_only BEFORE DELETE OR UPDATE ON public.submissions_transition FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER submissions_verdict_is_append_only BEFORE DELETE OR UPDATE ON public.submissions_verdict FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER transparency_leaf_is_append_only BEFORE DELETE OR UPDATE ON public.transparency_leaf FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER transparency_node_is_append_only BEFORE DELETE OR UPDATE ON public.transparency_node FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER transparency_root_is_append_only BEFORE DELETE OR UPDATE ON public.transparency_root FOR EACH ROW EXECUTE FUNCTION refuse_change();
