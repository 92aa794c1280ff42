"""The deadline and the append-only rows, where no application code can pass them."""

from django.db import migrations

from intake.web.privileges import append_only

STAMP_AND_REFUSE_LATE = """
CREATE FUNCTION stamp_filing_and_refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offer record;
BEGIN
    -- Whatever the application supplied is ignored: the instant of a filing is the database's.
    NEW.received_at := transaction_timestamp();
    -- FOR SHARE: an offer that is being cancelled or corrected at this moment is waited for, not guessed.
    SELECT o.status, o.opens_at, o.closes_at INTO STRICT offer
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
CREATE TRIGGER filing_is_stamped_and_on_time BEFORE INSERT ON submissions_filing
    FOR EACH ROW EXECUTE FUNCTION stamp_filing_and_refuse_late();
"""

REFUSE_LATE_COMMIT = """
CREATE FUNCTION refuse_incomplete_or_late_commit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closing timestamptz;
BEGIN
    IF NOT EXISTS (SELECT FROM submissions_receipt r WHERE r.filing_id = NEW.id)
        OR NOT EXISTS (SELECT FROM submissions_verdict v WHERE v.filing_id = NEW.id) THEN
        RAISE EXCEPTION 'a filing commits with its receipt and its verdict' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_has_its_receipt_and_verdict';
    END IF;
    SELECT o.closes_at INTO STRICT closing
        FROM offers_offer o JOIN submissions_submission s ON s.offer_id = o.id
        WHERE s.id = NEW.submission_id;
    -- A transaction begun in time may not be held open to file at leisure.
    IF clock_timestamp() > closing + interval '60 seconds' THEN
        RAISE EXCEPTION 'the filing commits more than 60 s after closing' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'filing_commits_within_a_minute_of_closing';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER filing_commits_complete_and_in_time AFTER INSERT ON submissions_filing
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_incomplete_or_late_commit();
"""


class Migration(migrations.Migration):
    dependencies = [("submissions", "0001_submissions")]

    operations = [
        migrations.RunSQL(
            STAMP_AND_REFUSE_LATE,
            """
            DROP TRIGGER filing_is_stamped_and_on_time ON submissions_filing;
            DROP FUNCTION stamp_filing_and_refuse_late();
            """,
        ),
        migrations.RunSQL(
            REFUSE_LATE_COMMIT,
            """
            DROP TRIGGER filing_commits_complete_and_in_time ON submissions_filing;
            DROP FUNCTION refuse_incomplete_or_late_commit();
            """,
        ),
        # Receipt numbers never repeat and never wait for one another: a sequence, whose gaps mean nothing.
        migrations.RunSQL(
            "CREATE SEQUENCE submissions_receipt_serial AS bigint MINVALUE 1;",
            "DROP SEQUENCE submissions_receipt_serial;",
        ),
        append_only("submissions_filing"),
        append_only("submissions_fileddocument"),
        append_only("submissions_receipt"),
        append_only("submissions_verdict"),
        append_only("submissions_transition"),
    ]
