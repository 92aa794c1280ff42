SELECT d.number FROM dossiers_dossier d
    LEFT JOIN submissions_filing f ON f.seal_id = d.seal_id
    LEFT JOIN submissions_receipt r ON r.filing_id = f.id
WHERE r.number IS DISTINCT FROM d.number
