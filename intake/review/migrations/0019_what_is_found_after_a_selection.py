"""What is found of a selected file says that it was found after, and a stage that began may end whatever was found."""

from django.db import migrations, models

SAY_FOUND_AFTER = """
CREATE FUNCTION say_found_after_selection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.after_selection := EXISTS (
        SELECT FROM submissions_submission s
        WHERE s.standing_filing_id = NEW.filing_id AND s.state IN ('SELECTED', 'PLACED', 'COMPLETED')
    );
    RETURN NEW;
END $$;
CREATE TRIGGER evidence_says_whether_it_came_after_a_selection BEFORE INSERT ON review_evidence
    FOR EACH ROW EXECUTE FUNCTION say_found_after_selection();
"""
SAY_NOTHING = """
DROP TRIGGER evidence_says_whether_it_came_after_a_selection ON review_evidence;
DROP FUNCTION say_found_after_selection();
"""
_REFUSE = """
CREATE OR REPLACE FUNCTION refuse_unconfirmed_selection() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lacking smallint;
BEGIN
    {first}
    SELECT wanted INTO lacking
        FROM submissions_verdict v, unnest(v.blocking) AS wanted
        WHERE v.filing_id = NEW.standing_filing_id
            AND (
                -- Of several, the latest stands.
                SELECT e.outcome FROM review_evidence e
                    WHERE e.filing_id = v.filing_id AND e.position = wanted
                    ORDER BY e.id DESC LIMIT 1
            ) IS DISTINCT FROM 'CONFIRMED'
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'finding % of filing % is not confirmed', lacking, NEW.standing_filing_id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_selected_file_has_every_finding_confirmed';
    END IF;
    RETURN NEW;
END $$;
"""
_A_STAGE_ENDS = """-- A stage that took place is over, whatever was found since it began: the register is to know of it.
    IF TG_OP = 'UPDATE' AND NEW.state = 'COMPLETED' THEN
        IF OLD.state = 'PLACED' AND OLD.standing_filing_id = NEW.standing_filing_id THEN
            RETURN NEW;
        END IF;
    END IF;"""


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0018_the_message_that_was_approved"),
        ("submissions", "0014_studied_again"),
    ]

    operations = [
        migrations.AddField(
            model_name="evidence",
            name="after_selection",
            field=models.BooleanField(db_default=False, editable=False, verbose_name="après la décision"),
        ),
        migrations.RunSQL(SAY_FOUND_AFTER, SAY_NOTHING),
        migrations.RunSQL(
            _REFUSE.replace("{first}", _A_STAGE_ENDS), _REFUSE.replace("{first}", "-- Of every file.")
        ),
    ]
