-- The register contains keyed digests, so rows are counted by programme and year. A candidate without a birth
-- date, or whose name has no letter, cannot be entered; an erased candidate was entered at completion.
SELECT 'programme ' || completed.programme_id || ' year ' || completed.year FROM (
    SELECT o.programme_id, extract(year FROM o.starts_on) AS year, count(DISTINCT s.candidate_id) AS people
    FROM submissions_submission s
        JOIN offers_offer o ON o.id = s.offer_id
        JOIN submissions_filing f ON f.id = s.standing_filing_id
        JOIN dossiers_seal seal ON seal.id = f.seal_id
    WHERE s.state = 'COMPLETED' AND (
        seal.canonical IS NULL OR (
            seal.canonical::jsonb #>> '{person,birth_date}' <> ''
            AND seal.canonical::jsonb #>> '{person,first_name}' ~ '[[:alpha:]]'
            AND seal.canonical::jsonb #>> '{person,last_name}' ~ '[[:alpha:]]'
        )
    )
    GROUP BY o.programme_id, year
) completed
WHERE completed.people > (
    SELECT count(DISTINCT p.whole) FROM register_participation p
    WHERE p.programme_id = completed.programme_id AND p.year = completed.year
) + (
    SELECT count(*) FROM register_removal r
    WHERE r.programme_id = completed.programme_id AND r.year = completed.year
)
