SELECT 'person ' || candidate_id FROM submissions_submission WHERE state IN ('SELECTED', 'PLACED')
GROUP BY candidate_id HAVING count(*) > 1
