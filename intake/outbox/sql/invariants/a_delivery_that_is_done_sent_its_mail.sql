-- Or dropped it, if an attempt that died may have sent it.
SELECT d.public_id FROM outbox_delivery d JOIN outbox_message m ON m.delivery_id = d.id
WHERE d.state = 'DONE' AND ((m.sent_at IS NULL AND m.let_go_at IS NULL) OR m.is_to_go_again)
