"""Conflicts of interest: declared once, lifted by another person with a reason, never deleted nor reworded."""

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ROLE = settings.APPLICATION_ROLE
KEPT = f"""
REVOKE UPDATE, DELETE, TRUNCATE ON review_conflict FROM "{ROLE}";
GRANT UPDATE (lifted_by_id, lifted_at, lift_reason) ON review_conflict TO "{ROLE}";
"""


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0002_marks_by_line"),
        ("submissions", "0008_changes_taken_note_of"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Conflict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, max_length=250, verbose_name="lien avec la personne"),
                ),
                (
                    "declared_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="déclaré le",
                    ),
                ),
                (
                    "lifted_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="levé le"),
                ),
                (
                    "lift_reason",
                    models.CharField(blank=True, max_length=250, verbose_name="motif de la levée"),
                ),
                (
                    "declared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="déclaré par",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="levé par",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="conflicts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="évaluatrice ou évaluateur",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="conflicts",
                        to="submissions.submission",
                        verbose_name="candidature",
                    ),
                ),
            ],
            options={
                "verbose_name": "conflit d’intérêts",
                "verbose_name_plural": "conflits d’intérêts",
                "default_permissions": ("view",),
                "permissions": [("lift_conflict", "Peut lever un conflit d’intérêts")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=("submission", "reviewer"),
                        name="a_standing_conflict_is_declared_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("lift_reason", ""),
                                ("lifted_at__isnull", True),
                                ("lifted_by__isnull", True),
                            ),
                            models.Q(
                                ("lifted_at__isnull", False),
                                ("lifted_by__isnull", False),
                                models.Q(("lift_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_lifted_conflict_says_who_when_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lifted_by__isnull", True),
                            models.Q(("lifted_by", models.F("reviewer")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_lifts_their_own_conflict",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEPT, f'GRANT UPDATE, DELETE ON review_conflict TO "{ROLE}"'),
    ]
