"""Files of shortlists that a worker writes for one person, and keeps for a while."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0008_days_of_any_programme"),
        ("review", "0011_meeting_notes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExportOrder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, unique=True, verbose_name="identifiant public"
                    ),
                ),
                ("key", models.UUIDField(editable=False)),
                ("file_format", models.CharField(max_length=4, verbose_name="format")),
                ("language", models.CharField(max_length=2, verbose_name="langue")),
                ("reason", models.CharField(blank=True, max_length=250, verbose_name="motif")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OPEN", "En préparation"),
                            ("READY", "Prêt"),
                            ("EXPIRED", "Retiré"),
                            ("REFUSED", "Refusé"),
                            ("CANCELLED", "Annulé"),
                        ],
                        default="OPEN",
                        max_length=9,
                        verbose_name="état",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0, verbose_name="candidatures écrites")),
                ("total", models.PositiveIntegerField(verbose_name="candidatures")),
                ("refusal", models.CharField(blank=True, max_length=40, verbose_name="empêchement")),
                ("file_name", models.CharField(blank=True, editable=False, max_length=120)),
                (
                    "asked_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="demandé le",
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="terminé le")),
                ("expires_at", models.DateTimeField(verbose_name="retiré le")),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="export_orders",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "export",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="order",
                        to="review.shortlistexport",
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
                        related_name="+",
                        to="review.shortlist",
                        verbose_name="liste",
                    ),
                ),
            ],
            options={
                "verbose_name": "fichier demandé",
                "verbose_name_plural": "fichiers demandés",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["actor", "offer", "asked_at"], name="export_orders_of_a_person")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("actor", "key"), name="a_page_asks_once_for_a_file"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "OPEN")),
                        fields=("actor", "offer", "shortlist", "file_format", "language", "reason"),
                        name="a_person_waits_once_for_a_file",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["OPEN", "READY", "EXPIRED", "REFUSED", "CANCELLED"])
                        ),
                        name="export_order_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("export__isnull", False), ("state__in", ["READY", "EXPIRED"])),
                            models.Q(
                                models.Q(("state__in", ["READY", "EXPIRED"]), _negated=True),
                                ("export__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="a_file_that_was_ready_is_in_the_ledger",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("file_name__gt", ""), ("state", "READY")),
                            models.Q(models.Q(("state", "READY"), _negated=True), ("file_name", "")),
                            _connector="OR",
                        ),
                        name="a_file_is_kept_while_it_is_ready",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("refusal__gt", ""), ("state", "REFUSED")),
                            models.Q(models.Q(("state", "REFUSED"), _negated=True), ("refusal", "")),
                            _connector="OR",
                        ),
                        name="a_refused_export_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("state", "OPEN")),
                            models.Q(models.Q(("state", "OPEN"), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="an_export_order_ends_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("done__lte", models.F("total"))),
                        name="an_export_counts_no_further_than_its_list",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("file_format__in", ["csv", "xlsx", "pdf", "zip"])),
                        name="ordered_format_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["fr", "en"])), name="ordered_language_is_known"
                    ),
                ],
            },
        ),
    ]
