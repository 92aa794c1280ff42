"""What is asked in a complement request never changes, and its time is the database's to judge."""

from django.conf import settings
from django.db import migrations

from intake.web.privileges import append_only

ROLE = settings.APPLICATION_ROLE

STAMP_REQUEST = """
CREATE FUNCTION stamp_complement_request() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    asked record;
BEGIN
    -- Whatever the application supplied is ignored: when it is asked is the database's, and nothing has ended it yet.
    NEW.asked_at := transaction_timestamp();
    NEW.ended_at := NULL;
    NEW.ending := '';
    NEW.answered_by_id := NULL;
    -- The submission before its offer, in the order of a filing.
    SELECT s.state, s.standing_filing_id, s.candidate_id, s.offer_id INTO STRICT asked
        FROM submissions_submission s WHERE s.id = NEW.submission_id FOR NO KEY UPDATE;
    IF asked.state <> 'COMPLEMENT_REQUESTED' THEN
        RAISE EXCEPTION 'the submission stands at %', asked.state USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_is_asked_of_an_incomplete_file';
    END IF;
    IF NEW.filing_id IS DISTINCT FROM asked.standing_filing_id THEN
        RAISE EXCEPTION 'the submission stands on another filing' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_is_asked_of_the_filing_that_stands';
    END IF;
    IF NEW.asked_by_id = asked.candidate_id THEN
        RAISE EXCEPTION 'nobody asks themselves' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'nobody_asks_themselves_for_a_complement';
    END IF;
    PERFORM FROM offers_offer o WHERE o.id = asked.offer_id AND o.status = 'PUBLISHED' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the offer is not published' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_is_asked_on_a_published_offer';
    END IF;
    -- What a candidate was told they had, they keep.
    IF NEW.due_at < (
        SELECT max(c.due_at) FROM submissions_complementrequest c
        WHERE c.submission_id = NEW.submission_id AND c.ending = 'REPLACED' AND c.ended_at = NEW.asked_at
    ) THEN
        RAISE EXCEPTION 'the request that it replaces left more time' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_request_is_replaced_by_a_later_one';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER complement_request_is_stamped BEFORE INSERT ON submissions_complementrequest
    FOR EACH ROW EXECUTE FUNCTION stamp_complement_request();
"""

KEEP_REQUEST = """
CREATE FUNCTION keep_complement_request() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL
        OR to_jsonb(NEW) - '{ended_at,ending,answered_by_id}'::text[]
            <> to_jsonb(OLD) - '{ended_at,ending,answered_by_id}'::text[] THEN
        RAISE EXCEPTION 'a complement request ends once, and nothing else of it changes' USING
            ERRCODE = 'restrict_violation';
    END IF;
    NEW.ended_at := transaction_timestamp();
    IF NEW.answered_by_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM submissions_filing f
        WHERE f.id = NEW.answered_by_id AND f.submission_id = NEW.submission_id AND f.received_at = NEW.ended_at
            AND f.id <> NEW.filing_id
    ) THEN
        RAISE EXCEPTION 'it is answered by a filing of its submission, as that is received' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_request_is_answered_by_a_filing_of_its_file';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER complement_request_ends_once BEFORE UPDATE OR DELETE ON submissions_complementrequest
    FOR EACH ROW EXECUTE FUNCTION keep_complement_request();
"""

ASK_FOR_SOMETHING = """
CREATE FUNCTION ask_for_something() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM submissions_complementdocument d WHERE d.complement_id = NEW.id) THEN
        RAISE EXCEPTION 'neither a document nor a group of questions is asked for' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_request_asks_for_something';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER complement_request_asks_for_something AFTER INSERT ON submissions_complementrequest
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (cardinality(NEW.sections) = 0)
    EXECUTE FUNCTION ask_for_something();
"""

ASK_AT_ONCE = """
CREATE FUNCTION ask_for_documents_at_once() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM submissions_complementrequest c
            JOIN submissions_submission s ON s.id = c.submission_id
            JOIN offers_documentrequest q ON q.offer_id = s.offer_id
        WHERE c.id = NEW.complement_id AND q.id = NEW.request_id
            AND c.asked_at = transaction_timestamp() AND c.ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'a document of its offer is asked for with the request, or not at all' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_request_names_its_documents_at_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER complement_document_is_asked_at_once BEFORE INSERT ON submissions_complementdocument
    FOR EACH ROW EXECUTE FUNCTION ask_for_documents_at_once();
"""

FORGET_ALL = """
DROP TRIGGER complement_document_is_asked_at_once ON submissions_complementdocument;
DROP TRIGGER complement_request_asks_for_something ON submissions_complementrequest;
DROP TRIGGER complement_request_ends_once ON submissions_complementrequest;
DROP TRIGGER complement_request_is_stamped ON submissions_complementrequest;
DROP FUNCTION ask_for_documents_at_once();
DROP FUNCTION ask_for_something();
DROP FUNCTION keep_complement_request();
DROP FUNCTION stamp_complement_request();
"""

KEPT = f"""
REVOKE UPDATE, DELETE, TRUNCATE ON submissions_complementrequest FROM "{ROLE}";
GRANT UPDATE (ended_at, ending, answered_by_id) ON submissions_complementrequest TO "{ROLE}";
"""
NOT_KEPT = f'GRANT UPDATE, DELETE ON submissions_complementrequest TO "{ROLE}"'

# The rules of 0010, word for word but for the closing: the time of an open complement request too, if that is later.
STAMP_AND_REFUSE_LATE = """
CREATE OR REPLACE FUNCTION stamp_filing_and_refuse_late() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE
    offer record;
BEGIN
    -- Whatever the application supplied is ignored: the instant of a filing is the database's.
    NEW.received_at := transaction_timestamp();
    -- FOR SHARE: an offer that is being cancelled or corrected at this moment is waited for, not guessed.
    SELECT o.status, o.opens_at, {closing} AS closes_at INTO STRICT offer
        FROM offers_offer o JOIN submissions_submission s ON s.offer_id = o.id
        WHERE s.id = NEW.submission_id FOR SHARE OF o;
    IF offer.status <> 'PUBLISHED' OR NEW.received_at < offer.opens_at THEN
        RAISE EXCEPTION 'the offer is not open' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_is_made_on_an_open_offer';
    END IF;
    IF NEW.received_at >= offer.closes_at THEN
        RAISE EXCEPTION 'received at % but the offer closed at %', NEW.received_at, offer.closes_at USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_is_received_before_closing';
    END IF;
    RETURN NEW;
END $$;
"""

REFUSE_LATE_COMMIT = """
CREATE OR REPLACE FUNCTION refuse_incomplete_or_late_commit() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE
    closing timestamptz;
BEGIN
    IF NOT EXISTS (SELECT FROM submissions_receipt r WHERE r.filing_id = NEW.id)
        OR NOT EXISTS (SELECT FROM submissions_verdict v WHERE v.filing_id = NEW.id) THEN
        RAISE EXCEPTION 'a filing commits with its receipt and its verdict' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_has_its_receipt_and_verdict';
    END IF;
    SELECT {closing} INTO STRICT closing
        FROM offers_offer o JOIN submissions_submission s ON s.offer_id = o.id
        WHERE s.id = NEW.submission_id;
    -- A transaction begun in time may not be held open to file at leisure.
    IF clock_timestamp() > closing + interval '60 seconds' THEN
        RAISE EXCEPTION 'the filing commits more than 60 s after closing' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_commits_within_a_minute_of_closing';
    END IF;
    RETURN NULL;
END $$;
"""

# GREATEST leaves out what is null: without an extension and a request, the offer's own closing.
EXTENDED = """GREATEST(o.closes_at, (
            SELECT max(e.closes_at) FROM submissions_personalextension e
            WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id
        ))"""
ASKED = """GREATEST(o.closes_at, (
            SELECT max(e.closes_at) FROM submissions_personalextension e
            WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id
        ), (
            SELECT max(c.due_at) FROM submissions_complementrequest c
            WHERE c.submission_id = s.id AND {open}
        ))"""
# The filing ends the request that it answers before the transaction that judges its commit.
OPEN_AT_FIRST, OPEN_AT_COMMIT = "c.ended_at IS NULL", "(c.ended_at IS NULL OR c.answered_by_id = NEW.id)"


class Migration(migrations.Migration):
    dependencies = [
        ("submissions", "0016_complement_requests"),
    ]

    operations = [
        migrations.RunSQL(f"{STAMP_REQUEST}{KEEP_REQUEST}{ASK_FOR_SOMETHING}{ASK_AT_ONCE}", FORGET_ALL),
        migrations.RunSQL(KEPT, NOT_KEPT),
        append_only("submissions_complementdocument"),
        migrations.RunSQL(
            STAMP_AND_REFUSE_LATE.format(closing=ASKED.format(open=OPEN_AT_FIRST)),
            STAMP_AND_REFUSE_LATE.format(closing=EXTENDED),
        ),
        migrations.RunSQL(
            REFUSE_LATE_COMMIT.format(closing=ASKED.format(open=OPEN_AT_COMMIT)),
            REFUSE_LATE_COMMIT.format(closing=EXTENDED),
        ),
    ]
