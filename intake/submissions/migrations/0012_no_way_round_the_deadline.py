"""Two ways round the rules of a filing, closed: tables of the same name put before the real ones, and another offer."""

from django.db import migrations

RULES = (
    "stamp_filing_and_refuse_late",
    "refuse_incomplete_or_late_commit",
    "refuse_reserve_without_request",
    "copy_the_standing_filing",
    "stamp_personal_extension_and_refuse_earlier",
)
"""What the triggers of a filing call. They name tables: whoever may make temporary ones could put them in the way."""

KEEP_A_FILED_SUBMISSION = """
CREATE FUNCTION keep_a_filed_submission() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- Else: file on an offer that is open, then say that it was for one that closed.
    IF EXISTS (SELECT FROM submissions_filing f WHERE f.submission_id = NEW.id) THEN
        RAISE EXCEPTION 'a submission that was filed keeps its offer and its person' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_filed_submission_keeps_its_offer_and_person';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER filed_submission_keeps_its_offer_and_person BEFORE UPDATE OF offer_id, candidate_id
    ON submissions_submission
    FOR EACH ROW WHEN (OLD.offer_id <> NEW.offer_id OR OLD.candidate_id <> NEW.candidate_id)
    EXECUTE FUNCTION keep_a_filed_submission();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0009_a_later_closing_says_why"),
        ("submissions", "0010_personal_extensions"),
    ]

    operations = [
        *(
            migrations.RunSQL(
                f"ALTER FUNCTION {name}() SET search_path = public, pg_temp;",
                f"ALTER FUNCTION {name}() RESET search_path;",
            )
            for name in RULES
        ),
        migrations.RunSQL(
            KEEP_A_FILED_SUBMISSION,
            """
            DROP TRIGGER filed_submission_keeps_its_offer_and_person ON submissions_submission;
            DROP FUNCTION keep_a_filed_submission();
            """,
        ),
    ]
