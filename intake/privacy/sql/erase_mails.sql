CREATE OR REPLACE FUNCTION public.erase_mails(mails bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    -- Nothing of these is sent any more. Rows, kinds and instants stay: they prove what was sent, and when.
    DELETE FROM outbox_messageattachment a USING outbox_message m
        WHERE a.message_id = m.id AND m.delivery_id = ANY (mails);
    UPDATE outbox_message SET
        to_address = '', subject = '', text = '', html = '', report_words = '', is_to_go_again = FALSE,
        let_go_at = CASE WHEN sent_at IS NULL THEN coalesce(let_go_at, transaction_timestamp()) END
        WHERE delivery_id = ANY (mails);
    UPDATE outbox_delivery SET
        state = 'DONE', done_at = coalesce(done_at, transaction_timestamp()),
        leased_until = NULL, lease_token = NULL,
        last_error = CASE last_error WHEN '' THEN '' ELSE 'Effacé' END
        WHERE id = ANY (mails);
END $function$;
