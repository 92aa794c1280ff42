SELECT 'offer ' || offer_id || ' person ' || candidate_id FROM submissions_submission
GROUP BY offer_id, candidate_id HAVING count(*) > 1
