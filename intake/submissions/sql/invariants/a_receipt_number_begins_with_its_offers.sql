SELECT r.number FROM submissions_receipt r
    JOIN submissions_filing f ON f.id = r.filing_id
    JOIN submissions_submission s ON s.id = f.submission_id
    JOIN offers_offer o ON o.id = s.offer_id
WHERE NOT starts_with(r.number, upper(o.number) || '-')
