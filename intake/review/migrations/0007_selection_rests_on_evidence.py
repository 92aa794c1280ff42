"""Nobody is selected while a finding that decides the verdict is unconfirmed: the database refuses it."""

from django.db import migrations

REFUSE_UNCONFIRMED_SELECTION = """
CREATE FUNCTION refuse_unconfirmed_selection() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lacking smallint;
BEGIN
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
CREATE TRIGGER submission_is_selected_on_evidence
    BEFORE INSERT OR UPDATE OF state, standing_filing_id ON submissions_submission
    FOR EACH ROW WHEN (NEW.state IN ('SELECTED', 'PLACED', 'COMPLETED'))
    EXECUTE FUNCTION refuse_unconfirmed_selection();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0006_decisions"),
        ("submissions", "0009_selection"),
    ]

    operations = [
        migrations.RunSQL(
            REFUSE_UNCONFIRMED_SELECTION,
            """
            DROP TRIGGER submission_is_selected_on_evidence ON submissions_submission;
            DROP FUNCTION refuse_unconfirmed_selection();
            """,
        ),
    ]
