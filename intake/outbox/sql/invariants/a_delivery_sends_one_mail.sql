SELECT d.public_id FROM outbox_delivery d JOIN outbox_message m ON m.delivery_id = d.id
GROUP BY d.id HAVING count(*) > 1
