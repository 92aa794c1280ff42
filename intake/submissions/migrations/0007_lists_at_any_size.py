"""What the queue is ordered and narrowed by stands on the submission itself, written by the database."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

COPY_THE_STANDING_FILING = """
CREATE FUNCTION copy_the_standing_filing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Whatever the application supplied is ignored: these are what the filing and its verdict say.
    NEW.received_at := NULL;
    NEW.filed_outcome := '';
    IF NEW.standing_filing_id IS NOT NULL THEN
        SELECT f.received_at, v.outcome INTO NEW.received_at, NEW.filed_outcome
            FROM submissions_filing f JOIN submissions_verdict v ON v.filing_id = f.id
            WHERE f.id = NEW.standing_filing_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no filing % with a verdict', NEW.standing_filing_id USING
                ERRCODE = 'check_violation', CONSTRAINT = 'submission_stands_on_a_judged_filing';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER submission_says_what_its_filing_says
    BEFORE INSERT OR UPDATE OF standing_filing_id, received_at, filed_outcome ON submissions_submission
    FOR EACH ROW EXECUTE FUNCTION copy_the_standing_filing();
"""

BACKFILL = """
UPDATE submissions_submission s SET received_at = f.received_at, filed_outcome = v.outcome
    FROM submissions_filing f JOIN submissions_verdict v ON v.filing_id = f.id
    WHERE f.id = s.standing_filing_id;
-- What waits for the commit is checked now: PostgreSQL indexes no table that has checks waiting.
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0008_days_of_any_programme"),
        ("submissions", "0006_upheld_reserve"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="filed_outcome",
            field=models.CharField(blank=True, editable=False, max_length=16, verbose_name="verdict"),
        ),
        migrations.AddField(
            model_name="submission",
            name="folded_name",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    django.db.models.functions.text.Lower("filed_name"),
                    models.Value("àáâãäåçèéêëìíîïñòóôõöùúûüýÿÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸœŒæÆ’\xa0\u202f"),
                    models.Value("aaaaaaceeeeiiiinooooouuuuyyaaaaaaceeeeiiiinooooouuuuyyooaa'  "),
                    function="translate",
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="received_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="reçue le"),
        ),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        migrations.RunSQL(
            COPY_THE_STANDING_FILING,
            """
            DROP TRIGGER submission_says_what_its_filing_says ON submissions_submission;
            DROP FUNCTION copy_the_standing_filing();
            """,
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(
                fields=["number"], name="receipt_by_start_of_number", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                fields=["received_at", "id"],
                include=("state", "offer", "candidate", "reserve", "filed_outcome"),
                name="submission_in_order",
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                fields=["state", "received_at", "id"],
                include=("offer", "candidate", "reserve"),
                name="submission_in_order_by_state",
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                fields=["offer", "received_at", "id"],
                include=("state", "candidate"),
                name="submission_in_order_by_offer",
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                fields=["filed_outcome", "received_at", "id"],
                include=("state", "offer", "candidate"),
                name="submission_in_order_by_verdict",
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                condition=models.Q(("reserve", "NONE"), _negated=True),
                fields=["reserve", "received_at", "id"],
                name="submission_in_order_by_reserve",
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["folded_name"], name="submission_by_trigrams", opclasses=["gin_trgm_ops"]
            ),
        ),
    ]
