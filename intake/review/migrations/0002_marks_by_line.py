"""A mark for each line of the offer's grid, drafts that nobody else reads, and a score once they are submitted.

What was marked before counted as soon as it was saved: it becomes submitted on that instant, with its mark as its score.
"""

import django.db.models.deletion
from django.db import migrations, models

BACKFILL = """
UPDATE review_assessment SET submitted_at = saved_at, score = mark, first_score = mark WHERE mark IS NOT NULL;
-- What waits for the commit is checked now: PostgreSQL alters no table that has checks waiting.
SET CONSTRAINTS ALL IMMEDIATE;
"""
MARKS = [
    (0, "Hors sujet"),
    (1, "Faible"),
    (2, "Passable"),
    (3, "Bonne"),
    (4, "Très bonne"),
    (5, "Excellente"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0008_days_of_any_programme"),
        ("review", "0001_review"),
    ]

    operations = [
        migrations.AddField(
            model_name="assessment",
            name="submitted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="remise le"),
        ),
        migrations.AddField(
            model_name="assessment",
            name="score",
            field=models.DecimalField(
                blank=True, decimal_places=3, max_digits=4, null=True, verbose_name="résultat"
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="first_score",
            field=models.DecimalField(blank=True, decimal_places=3, editable=False, max_digits=4, null=True),
        ),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("first_score__isnull", True),
                        ("score__isnull", True),
                        ("submitted_at__isnull", True),
                    ),
                    models.Q(
                        ("first_score__gte", 0),
                        ("first_score__isnull", False),
                        ("first_score__lte", 5),
                        ("score__gte", 0),
                        ("score__isnull", False),
                        ("score__lte", 5),
                        ("submitted_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="a_submitted_assessment_alone_has_a_score",
            ),
        ),
        migrations.CreateModel(
            name="LineMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "mark",
                    models.PositiveSmallIntegerField(
                        blank=True, choices=MARKS, null=True, verbose_name="note"
                    ),
                ),
                ("remark", models.CharField(blank=True, max_length=500, verbose_name="remarque")),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="line_marks",
                        to="review.assessment",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="offers.gridline",
                    ),
                ),
            ],
            options={
                "verbose_name": "note d’une ligne",
                "verbose_name_plural": "notes par ligne",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("assessment", "line"), name="an_assessment_marks_a_line_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mark__isnull", True),
                            models.Q(("mark__gte", 0), ("mark__lte", 5)),
                            _connector="OR",
                        ),
                        name="a_line_mark_is_from_zero_to_five",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LineWeight",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weight", models.PositiveSmallIntegerField(verbose_name="pondération")),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="weight",
                        to="offers.gridline",
                    ),
                ),
            ],
            options={
                "verbose_name": "pondération",
                "verbose_name_plural": "pondérations",
                "default_permissions": ("change",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("weight__gte", 0), ("weight__lte", 10)),
                        name="a_weight_is_from_zero_to_ten",
                    )
                ],
            },
        ),
    ]
