"""Actions on many candidatures, and views of the queue kept under a name."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0009_a_word_for_everyone_and_places_freed"),
        ("submissions", "0009_selection"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkRun",
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
                ("action", models.CharField(max_length=24, verbose_name="action")),
                ("reason", models.TextField(blank=True, verbose_name="motif")),
                ("query", models.CharField(blank=True, max_length=1000, verbose_name="filtre")),
                (
                    "asked_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="demandée le",
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="terminée le")),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="bulk_runs",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
            ],
            options={
                "verbose_name": "action sur plusieurs candidatures",
                "verbose_name_plural": "actions sur plusieurs candidatures",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="BulkItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="rang")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OPEN", "En attente"),
                            ("DONE", "Fait"),
                            ("REFUSED", "Laissée comme elle était"),
                            ("STOPPED", "Arrêtée avant son tour"),
                        ],
                        default="OPEN",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
                ("refusal", models.CharField(blank=True, max_length=40, verbose_name="empêchement")),
                ("found", models.CharField(blank=True, max_length=24, verbose_name="état trouvé")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="faite le")),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="bulk_items",
                        to="submissions.submission",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="review.bulkrun"
                    ),
                ),
            ],
            options={
                "verbose_name": "candidature d’une action",
                "verbose_name_plural": "candidatures d’une action",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SavedView",
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
                ("name", models.CharField(max_length=60, verbose_name="nom")),
                ("query", models.CharField(max_length=1000, verbose_name="filtre")),
                ("shared", models.BooleanField(default=False, verbose_name="partagée")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
            ],
            options={
                "verbose_name": "vue enregistrée",
                "verbose_name_plural": "vues enregistrées",
                "permissions": [("share_savedview", "Peut partager une vue de la file")],
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="bulkrun",
            index=models.Index(fields=["actor", "asked_at"], name="bulk_runs_of_a_person"),
        ),
        migrations.AddConstraint(
            model_name="bulkrun",
            constraint=models.UniqueConstraint(fields=("actor", "key"), name="a_confirmation_starts_one_run"),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.UniqueConstraint(
                fields=("run", "position"), name="a_run_has_one_candidature_per_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.UniqueConstraint(
                fields=("run", "submission"), name="a_run_holds_a_candidature_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "OPEN")),
                fields=("submission",),
                name="a_candidature_is_in_one_open_run",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["OPEN", "DONE", "REFUSED", "STOPPED"])),
                name="bulk_item_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("refusal__gt", ""), ("state", "REFUSED")),
                    models.Q(models.Q(("state", "REFUSED"), _negated=True), ("refusal", "")),
                    _connector="OR",
                ),
                name="a_refused_item_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", True), ("state", "OPEN")),
                    models.Q(models.Q(("state", "OPEN"), _negated=True), ("done_at__isnull", False)),
                    _connector="OR",
                ),
                name="a_bulk_item_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 1), ("position__lte", 500)),
                name="a_run_holds_no_more_than_can_be_read",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("found", ""),
                    (
                        "found__in",
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
                    ),
                    _connector="OR",
                ),
                name="bulk_item_found_state_is_known",
            ),
        ),
        migrations.AddIndex(
            model_name="savedview",
            index=models.Index(
                condition=models.Q(("shared", True)), fields=["shared"], name="saved_views_shared"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"),
                models.F("owner"),
                name="a_person_names_each_of_their_views_differently",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="a_saved_view_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(("query", ""), _negated=True), name="a_saved_view_narrows_the_queue"
            ),
        ),
    ]
