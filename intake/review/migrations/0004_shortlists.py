"""Frozen shortlists with their rows, and the ledger of what left the house: three tables that only grow."""

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from intake.web.privileges import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0008_days_of_any_programme"),
        ("review", "0003_conflicts"),
        ("submissions", "0008_changes_taken_note_of"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Shortlist",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="numéro")),
                ("reason", models.CharField(max_length=250, verbose_name="motif")),
                ("frozen_at", models.DateTimeField(verbose_name="figée le")),
                ("rows_count", models.PositiveIntegerField(verbose_name="candidatures")),
                ("digest", models.CharField(max_length=71, verbose_name="empreinte")),
                (
                    "frozen_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="figée par",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="shortlists",
                        to="offers.offer",
                        verbose_name="offre",
                    ),
                ),
            ],
            options={
                "verbose_name": "liste de présélection figée",
                "verbose_name_plural": "listes de présélection figées",
                "permissions": [("freeze_shortlist", "Peut figer une liste de présélection")],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="ShortlistExport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_format", models.CharField(max_length=4, verbose_name="format")),
                ("language", models.CharField(max_length=2, verbose_name="langue")),
                ("rows_count", models.PositiveIntegerField(verbose_name="candidatures")),
                ("size", models.PositiveBigIntegerField(verbose_name="taille")),
                ("sha256", models.CharField(max_length=64, verbose_name="empreinte")),
                ("reason", models.CharField(blank=True, max_length=250, verbose_name="motif")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="instant",
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="offers.offer",
                        verbose_name="offre",
                    ),
                ),
                (
                    "shortlist",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="exports",
                        to="review.shortlist",
                        verbose_name="liste",
                    ),
                ),
            ],
            options={
                "verbose_name": "exportation",
                "verbose_name_plural": "exportations de listes",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="ShortlistRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rank", models.PositiveIntegerField(verbose_name="rang")),
                (
                    "score",
                    models.DecimalField(
                        blank=True, decimal_places=3, max_digits=4, null=True, verbose_name="moyenne"
                    ),
                ),
                ("marks", models.PositiveSmallIntegerField(verbose_name="appréciations")),
                ("reserve", models.CharField(max_length=8, verbose_name="réserve")),
                (
                    "filing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="submissions.filing",
                    ),
                ),
                (
                    "shortlist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="rows",
                        to="review.shortlist",
                    ),
                ),
            ],
            options={
                "verbose_name": "rang d’une liste figée",
                "verbose_name_plural": "rangs d’une liste figée",
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="shortlist",
            constraint=models.UniqueConstraint(
                fields=("offer", "number"), name="shortlists_of_an_offer_have_distinct_numbers"
            ),
        ),
        migrations.AddConstraint(
            model_name="shortlist",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="shortlist_numbers_start_at_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="shortlist",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="a_frozen_shortlist_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="shortlist",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__regex", "^sha256:[0-9a-f]{64}$")),
                name="shortlist_digest_is_sha256",
            ),
        ),
        migrations.AddConstraint(
            model_name="shortlist",
            constraint=models.CheckConstraint(
                condition=models.Q(("rows_count__gte", 1)), name="a_frozen_shortlist_has_a_row"
            ),
        ),
        migrations.AddIndex(
            model_name="shortlistexport",
            index=models.Index(fields=["at", "id"], name="exports_in_order"),
        ),
        migrations.AddConstraint(
            model_name="shortlistexport",
            constraint=models.CheckConstraint(
                condition=models.Q(("file_format__in", ["csv", "xlsx", "pdf", "zip"])),
                name="export_format_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shortlistexport",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="export_digest_is_sha256"
            ),
        ),
        migrations.AddConstraint(
            model_name="shortlistexport",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["fr", "en"])), name="export_language_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="shortlistrow",
            constraint=models.UniqueConstraint(
                fields=("shortlist", "rank"), name="a_shortlist_has_one_row_per_rank"
            ),
        ),
        migrations.AddConstraint(
            model_name="shortlistrow",
            constraint=models.UniqueConstraint(
                fields=("shortlist", "filing"), name="a_filing_is_once_on_a_shortlist"
            ),
        ),
        migrations.AddConstraint(
            model_name="shortlistrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("rank__gte", 1)), name="shortlist_ranks_start_at_one"
            ),
        ),
        append_only("review_shortlist"),
        append_only("review_shortlistrow"),
        append_only("review_shortlistexport"),
    ]
