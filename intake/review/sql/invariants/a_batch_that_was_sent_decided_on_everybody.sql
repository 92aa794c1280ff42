SELECT 'batch ' || b.id FROM review_decisionbatch b
WHERE b.state IN ('SENT', 'REVOKED')
    AND EXISTS (SELECT FROM review_decisionitem i WHERE i.batch_id = b.id AND i.state = 'OPEN')
