SELECT 'shortlist ' || l.id FROM review_shortlist l
    LEFT JOIN review_shortlistrow r ON r.shortlist_id = l.id
GROUP BY l.id HAVING count(r.id) <> l.rows_count OR max(r.rank) IS DISTINCT FROM l.rows_count
