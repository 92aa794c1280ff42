SELECT l.number FROM transparency_leaf l
WHERE NOT EXISTS (SELECT FROM submissions_receipt r WHERE r.number = l.number)
