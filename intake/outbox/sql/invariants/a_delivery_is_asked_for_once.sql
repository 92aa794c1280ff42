SELECT kind || ' ' || key FROM outbox_delivery GROUP BY kind, key HAVING count(*) > 1
