SELECT 'complement ' || c.id FROM submissions_complementrequest c
WHERE cardinality(c.sections) = 0
    AND NOT EXISTS (SELECT FROM submissions_complementdocument d WHERE d.complement_id = c.id)
