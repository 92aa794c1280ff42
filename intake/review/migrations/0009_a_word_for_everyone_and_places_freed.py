"""A word common to a batch of decisions; and a place on the reserve list is freed by whatever takes its person off."""

from django.db import migrations, models

FREE_RESERVE_PLACE = """
CREATE FUNCTION free_reserve_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM review_reserveplace WHERE submission_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER submission_leaves_the_reserve_list
    AFTER UPDATE OF state ON submissions_submission
    FOR EACH ROW WHEN (OLD.state = 'RESERVE' AND NEW.state <> 'RESERVE')
    EXECUTE FUNCTION free_reserve_place();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0008_assignments_and_claims"),
        ("submissions", "0009_selection"),
    ]

    operations = [
        migrations.AddField(
            model_name="decisionbatch",
            name="word",
            field=models.TextField(blank=True, default="", verbose_name="mot pour toutes les personnes"),
            preserve_default=False,
        ),
        migrations.RunSQL(
            FREE_RESERVE_PLACE,
            """
            DROP TRIGGER submission_leaves_the_reserve_list ON submissions_submission;
            DROP FUNCTION free_reserve_place();
            """,
        ),
    ]
