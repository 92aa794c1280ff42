CREATE OR REPLACE FUNCTION public.applicant_in_a_rush(of_submission uuid, of_draft bigint, accepted text, accepted_version text)
 RETURNS TABLE(user_id bigint, password text, email text, number text, organisation text, domain text, time_zone text, contact_unit text, contact_email text, contact_phone text, contact_extension text, submission_id bigint, is_first boolean, arrived_at timestamp with time zone, state text)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
BEGIN
    -- A function keeps its plan for the session: to plan this statement takes four times longer than to run it. Planned
    -- while few had arrived, it would read all arrivals of the rush, were it not for `enable_seqscan`.
    -- Without a draft: for the page of the latest arrival. With one: if it is open, and the notice was accepted.
    RETURN QUERY SELECT u.id, u.password::text, u.email::text, o.number::text, o.organisation::text,
            o.domain::text, o.time_zone::text, o.contact_unit::text, o.contact_email::text, o.contact_phone::text,
            o.contact_extension::text, s.id, s.state = 'DRAFT' AND s.standing_filing_id IS NULL, a.arrived_at,
            a.state::text
        FROM submissions_submission s
            JOIN accounts_user u ON u.id = s.candidate_id AND u.is_active
            JOIN offers_offer o ON o.id = s.offer_id
            LEFT JOIN LATERAL (
                SELECT l.* FROM submissions_arrival l WHERE l.submission_id = s.id ORDER BY l.id DESC LIMIT 1
            ) a ON true
        WHERE s.public_id = of_submission AND (of_draft IS NULL OR (
            SELECT true FROM submissions_draft d JOIN profiles_noticeacceptance n ON n.user_id = u.id
            WHERE d.id = of_draft AND d.submission_id = s.id AND d.closed_at IS NULL
                AND n.notice = accepted AND n.version = accepted_version
        ));
END $function$;
