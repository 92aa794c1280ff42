import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("offers", "0002_what_was_published_stays"),
        ("submissions", "0002_filing_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Assessment",
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
                        blank=True,
                        choices=[
                            (0, "Hors sujet"),
                            (1, "Faible"),
                            (2, "Passable"),
                            (3, "Bonne"),
                            (4, "Très bonne"),
                            (5, "Excellente"),
                        ],
                        null=True,
                        verbose_name="note",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="commentaire")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("saved_at", models.DateTimeField(verbose_name="enregistrée le")),
                (
                    "filing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="assessments",
                        to="submissions.filing",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="assessments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="évaluatrice ou évaluateur",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="assessments",
                        to="submissions.submission",
                    ),
                ),
            ],
            options={
                "verbose_name": "appréciation",
                "verbose_name_plural": "appréciations",
                "permissions": [("assess_submission", "Peut noter une candidature de son comité")],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("submission", "reviewer"), name="a_reviewer_assesses_a_submission_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mark__isnull", True),
                            models.Q(("mark__gte", 0), ("mark__lte", 5)),
                            _connector="OR",
                        ),
                        name="a_mark_is_from_zero_to_five",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)), name="an_assessment_counts_its_saves"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CommitteeMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "added_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="depuis le",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="committee",
                        to="offers.offer",
                        verbose_name="offre",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="committees",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="évaluatrice ou évaluateur",
                    ),
                ),
            ],
            options={
                "verbose_name": "membre d’un comité",
                "verbose_name_plural": "membres des comités",
                "default_permissions": ("add", "delete", "view"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("offer", "reviewer"),
                        name="a_person_sits_once_on_a_committee",
                        violation_error_message="Cette personne siège déjà au comité de cette offre.",
                    )
                ],
            },
        ),
    ]
