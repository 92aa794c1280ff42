"""Files assigned to members of a committee, and files in hand."""

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0007_selection_rests_on_evidence"),
        ("submissions", "0009_selection"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("HAND", "À la main"),
                            ("FILE", "Par fichier"),
                            ("EVEN", "Répartition égale"),
                        ],
                        max_length=4,
                        verbose_name="comment",
                    ),
                ),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="à rendre le")),
                (
                    "assigned_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="confiée le",
                    ),
                ),
                (
                    "assigned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confiée par",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="assignments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="évaluatrice ou évaluateur",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="assignments",
                        to="submissions.submission",
                    ),
                ),
            ],
            options={
                "verbose_name": "dossier confié",
                "verbose_name_plural": "dossiers confiés",
                "permissions": [("assign_submission", "Peut confier des dossiers aux membres d’un comité")],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("submission", "reviewer"), name="a_file_is_assigned_to_a_person_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("way__in", ["HAND", "FILE", "EVEN"])),
                        name="assignment_way_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "claimed_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="depuis",
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="jusqu’à")),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="claims",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="en main de",
                    ),
                ),
                (
                    "submission",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claim",
                        to="submissions.submission",
                    ),
                ),
            ],
            options={
                "verbose_name": "dossier en main",
                "verbose_name_plural": "dossiers en main",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("claimed_at"))), name="a_claim_lasts"
                    )
                ],
            },
        ),
    ]
