SELECT number FROM submissions_receipt GROUP BY number HAVING count(*) > 1
