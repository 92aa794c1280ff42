CREATE OR REPLACE FUNCTION public.retention_of(submission bigint)
 RETURNS TABLE(outcome text, since date, months integer, erased_on date)
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
    -- The law of the schedule: what became of an application, since which day its purpose is met, and the first day,
    -- in Québec, on which it may be erased. Null days without an applicable rule: then it is kept.
    SELECT met.outcome, met.since, rule.months::integer, (met.since + make_interval(months => rule.months))::date
    FROM (
        SELECT
            CASE
                WHEN s.standing_filing_id IS NULL THEN 'DRAFT'
                WHEN s.state = 'COMPLETED' THEN 'PARTICIPANT'
                WHEN s.state IN ('SELECTED', 'PLACED') THEN 'SELECTED'
                WHEN s.state = 'WITHDRAWN' THEN 'WITHDRAWN'
                WHEN s.state = 'INADMISSIBLE' THEN 'INELIGIBLE'
                ELSE 'NOT_SELECTED'
            END AS outcome,
            -- The end of the call, then the last move. A file that no decision ended is kept until the stage is over.
            GREATEST(
                (o.closes_at AT TIME ZONE 'America/Toronto')::date,
                (
                    SELECT (max(e.closes_at) AT TIME ZONE 'America/Toronto')::date
                    FROM submissions_personalextension e
                    WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id
                ),
                (
                    SELECT (max(t.at) AT TIME ZONE 'America/Toronto')::date
                    FROM submissions_transition t WHERE t.submission_id = s.id
                ),
                CASE
                    WHEN s.state NOT IN ('DRAFT', 'WITHDRAWN', 'INADMISSIBLE', 'DECLINED') THEN o.ends_on
                END
            ) AS since
        FROM submissions_submission s JOIN offers_offer o ON o.id = s.offer_id
        WHERE s.id = submission
    ) met
        LEFT JOIN LATERAL (
            SELECT r.months FROM privacy_retentionrule r
            WHERE r.outcome = met.outcome AND r.applies_at <= transaction_timestamp()
            ORDER BY r.id DESC LIMIT 1
        ) rule ON TRUE
$function$;
