"""States after the shortlist, one selection per person over all offers, and which findings decide a verdict."""

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models

BACKFILL = """
-- What the seals say, in a column: the rows are otherwise never rewritten.
ALTER TABLE submissions_verdict DISABLE TRIGGER submissions_verdict_is_append_only;
UPDATE submissions_verdict v SET blocking = sealed.positions
    FROM (
        SELECT f.id AS filing_id, array_agg(found.rank - 1 ORDER BY found.rank)::smallint[] AS positions
            FROM submissions_filing f
            JOIN dossiers_seal s ON s.id = f.seal_id
            CROSS JOIN jsonb_array_elements(s.canonical::jsonb #> '{verdict,findings}')
                WITH ORDINALITY AS found (finding, rank)
            WHERE found.finding ->> 'effect' = 'BLOCK'
            GROUP BY f.id
    ) sealed
    WHERE v.filing_id = sealed.filing_id;
ALTER TABLE submissions_verdict ENABLE TRIGGER submissions_verdict_is_append_only;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0008_days_of_any_programme"),
        ("submissions", "0008_changes_taken_note_of"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="submission",
            name="submission_state_is_known",
        ),
        migrations.AddField(
            model_name="verdict",
            name="blocking",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(), default=list
            ),
        ),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="submission",
            name="state",
            field=models.CharField(
                choices=[
                    ("DRAFT", "Brouillon"),
                    ("SUBMITTED", "Reçue"),
                    ("UNDER_REVIEW", "À l’étude"),
                    ("INADMISSIBLE", "Non admissible"),
                    ("SHORTLISTED", "Présélectionnée"),
                    ("INTERVIEW", "Convoquée en entrevue"),
                    ("RECOMMENDED", "Recommandée à l’organisation"),
                    ("SELECTED", "Retenue"),
                    ("RESERVE", "Substitut(e)"),
                    ("DECLINED", "Non retenue"),
                    ("WITHDRAWN", "Désistement"),
                    ("PLACED", "Stage en cours"),
                    ("COMPLETED", "Stage terminé"),
                ],
                default="DRAFT",
                max_length=24,
                verbose_name="état",
            ),
        ),
        migrations.AlterField(
            model_name="transition",
            name="action",
            field=models.CharField(
                choices=[
                    ("FILE", "FILE"),
                    ("AMEND", "AMEND"),
                    ("WITHDRAW", "WITHDRAW"),
                    ("START_REVIEW", "START_REVIEW"),
                    ("FIND_INADMISSIBLE", "FIND_INADMISSIBLE"),
                    ("SHORTLIST", "SHORTLIST"),
                    ("LEAVE_SHORTLIST", "LEAVE_SHORTLIST"),
                    ("INVITE", "INVITE"),
                    ("RECOMMEND", "RECOMMEND"),
                    ("SELECT", "SELECT"),
                    ("PUT_ON_RESERVE", "PUT_ON_RESERVE"),
                    ("DECLINE", "DECLINE"),
                    ("PLACE", "PLACE"),
                    ("COMPLETE", "COMPLETE"),
                ],
                max_length=24,
            ),
        ),
        migrations.AlterField(
            model_name="transition",
            name="from_state",
            field=models.CharField(
                choices=[
                    ("DRAFT", "Brouillon"),
                    ("SUBMITTED", "Reçue"),
                    ("UNDER_REVIEW", "À l’étude"),
                    ("INADMISSIBLE", "Non admissible"),
                    ("SHORTLISTED", "Présélectionnée"),
                    ("INTERVIEW", "Convoquée en entrevue"),
                    ("RECOMMENDED", "Recommandée à l’organisation"),
                    ("SELECTED", "Retenue"),
                    ("RESERVE", "Substitut(e)"),
                    ("DECLINED", "Non retenue"),
                    ("WITHDRAWN", "Désistement"),
                    ("PLACED", "Stage en cours"),
                    ("COMPLETED", "Stage terminé"),
                ],
                max_length=24,
            ),
        ),
        migrations.AlterField(
            model_name="transition",
            name="to_state",
            field=models.CharField(
                choices=[
                    ("DRAFT", "Brouillon"),
                    ("SUBMITTED", "Reçue"),
                    ("UNDER_REVIEW", "À l’étude"),
                    ("INADMISSIBLE", "Non admissible"),
                    ("SHORTLISTED", "Présélectionnée"),
                    ("INTERVIEW", "Convoquée en entrevue"),
                    ("RECOMMENDED", "Recommandée à l’organisation"),
                    ("SELECTED", "Retenue"),
                    ("RESERVE", "Substitut(e)"),
                    ("DECLINED", "Non retenue"),
                    ("WITHDRAWN", "Désistement"),
                    ("PLACED", "Stage en cours"),
                    ("COMPLETED", "Stage terminé"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("SELECTED", "PLACED"))),
                fields=("candidate",),
                name="a_person_is_selected_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "DRAFT",
                            "SUBMITTED",
                            "UNDER_REVIEW",
                            "INADMISSIBLE",
                            "SHORTLISTED",
                            "INTERVIEW",
                            "RECOMMENDED",
                            "SELECTED",
                            "RESERVE",
                            "DECLINED",
                            "WITHDRAWN",
                            "PLACED",
                            "COMPLETED",
                        ],
                    )
                ),
                name="submission_state_is_known",
            ),
        ),
    ]
