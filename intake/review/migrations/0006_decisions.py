"""Decisions prepared together, released by a second person, and the order of the reserve list."""

import django.contrib.postgres.functions
import django.db.models.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0008_days_of_any_programme"),
        ("review", "0005_evidence"),
        ("submissions", "0006_upheld_reserve"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DecisionBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PREPARED", "En préparation"),
                            ("RELEASED", "Approuvé, à annoncer"),
                            ("SENT", "Annoncé"),
                            ("REVOKED", "Annulé"),
                        ],
                        default="PREPARED",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="titre")),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "prepared_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="préparé le",
                    ),
                ),
                ("release_at", models.DateTimeField(blank=True, null=True, verbose_name="à annoncer le")),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="approuvé le")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="terminé le")),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="decisions",
                        to="offers.offer",
                        verbose_name="offre",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="préparé par",
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approuvé par",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="annulé par",
                    ),
                ),
            ],
            options={
                "verbose_name": "lot de décisions",
                "verbose_name_plural": "lots de décisions",
                "permissions": [
                    ("prepare_decisions", "Peut préparer des décisions"),
                    ("release_decisions", "Peut approuver les décisions préparées par une autre personne"),
                ],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="DecisionItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("action", models.CharField(max_length=24, verbose_name="décision")),
                ("message", models.TextField(blank=True, verbose_name="mot pour la personne")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OPEN", "À annoncer"),
                            ("DONE", "Annoncée"),
                            ("REFUSED", "Impossible"),
                            ("REVOKED", "Annulée"),
                        ],
                        default="OPEN",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
                ("refusal", models.CharField(blank=True, max_length=40, verbose_name="empêchement")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="faite le")),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="items",
                        to="review.decisionbatch",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="decision_items",
                        to="submissions.submission",
                    ),
                ),
            ],
            options={
                "verbose_name": "décision",
                "verbose_name_plural": "décisions",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ReservePlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.PositiveSmallIntegerField(verbose_name="rang")),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="reserve_places",
                        to="offers.offer",
                    ),
                ),
                (
                    "submission",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="reserve_place",
                        to="submissions.submission",
                    ),
                ),
            ],
            options={
                "verbose_name": "rang sur la liste de réserve",
                "verbose_name_plural": "liste de réserve",
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="decisionbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["PREPARED", "RELEASED", "SENT", "REVOKED"])),
                name="decision_batch_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("released_by__isnull", True),
                    models.Q(("released_by", models.F("prepared_by")), _negated=True),
                    _connector="OR",
                ),
                name="a_second_person_releases_decisions",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("release_at__isnull", True),
                        ("released_at__isnull", True),
                        ("released_by__isnull", True),
                    ),
                    models.Q(
                        ("release_at__isnull", False),
                        ("released_at__isnull", False),
                        ("released_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="a_release_says_who_when_and_for_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("released_by__isnull", True), ("state", "PREPARED")),
                    models.Q(("released_by__isnull", False), ("state__in", ["RELEASED", "SENT"])),
                    ("state", "REVOKED"),
                    _connector="OR",
                ),
                name="decisions_leave_once_released",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state__in", ["PREPARED", "RELEASED"])),
                    models.Q(("ended_at__isnull", False), ("state__in", ["SENT", "REVOKED"])),
                    _connector="OR",
                ),
                name="a_decision_batch_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked_by__isnull", False), ("state", "REVOKED")),
                    models.Q(models.Q(("state", "REVOKED"), _negated=True), ("revoked_by__isnull", True)),
                    _connector="OR",
                ),
                name="a_revoked_batch_says_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionitem",
            constraint=models.UniqueConstraint(
                fields=("batch", "submission"), name="a_batch_decides_once_on_a_candidature"
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "OPEN")),
                fields=("submission",),
                name="a_candidature_awaits_one_decision_at_most",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["OPEN", "DONE", "REFUSED", "REVOKED"])),
                name="decision_item_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("refusal__gt", ""), ("state", "REFUSED")),
                    models.Q(models.Q(("state", "REFUSED"), _negated=True), ("refusal", "")),
                    _connector="OR",
                ),
                name="a_refused_decision_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", True), ("state", "OPEN")),
                    models.Q(models.Q(("state", "OPEN"), _negated=True), ("done_at__isnull", False)),
                    _connector="OR",
                ),
                name="a_decision_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="reserveplace",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("offer", "place"),
                name="a_reserve_list_has_one_person_per_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="reserveplace",
            constraint=models.CheckConstraint(
                condition=models.Q(("place__gte", 1)), name="reserve_places_start_at_one"
            ),
        ),
    ]
