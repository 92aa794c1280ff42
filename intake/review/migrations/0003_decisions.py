"""Decisions in batches, reserve lists, and actions on many files."""

import uuid

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models
from django.db.models import F, Q

from intake.base.sql_files import load_sql

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0002_criteria_and_history"),
        ("review", "0002_evidence_and_shortlists"),
        ("submissions", "0002_reviews_delays_and_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DecisionBatch",
            fields=[
                ID,
                (
                    "state",
                    models.CharField(
                        "état",
                        max_length=8,
                        choices=[
                            ("PREPARED", "En préparation"),
                            ("RELEASED", "Approuvé, à annoncer"),
                            ("SENT", "Annoncé"),
                            ("REVOKED", "Annulé"),
                        ],
                        default="PREPARED",
                    ),
                ),
                ("title", models.CharField("titre", max_length=120)),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "prepared_at",
                    models.DateTimeField("préparé le", db_default=TransactionNow(), editable=False),
                ),
                ("release_at", models.DateTimeField("à annoncer le", null=True, blank=True)),
                ("released_at", models.DateTimeField("approuvé le", null=True, blank=True)),
                ("ended_at", models.DateTimeField("terminé le", null=True, blank=True)),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.RESTRICT, related_name="decisions", verbose_name="offre"
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="+",
                        verbose_name="préparé par",
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        blank=True,
                        null=True,
                        related_name="+",
                        verbose_name="approuvé par",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        blank=True,
                        null=True,
                        related_name="+",
                        verbose_name="annulé par",
                    ),
                ),
                ("word", models.TextField("message commun", blank=True)),
                ("returned_at", models.DateTimeField("de nouveau en préparation le", null=True, blank=True)),
                ("returned_for", models.CharField("motif du retour", max_length=24, blank=True)),
                (
                    "reason",
                    models.CharField("motif, pour l’équipe", max_length=500, blank=True, db_default=""),
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
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state__in=["PREPARED", "RELEASED", "SENT", "REVOKED"]),
                        name="decision_batch_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(released_by__isnull=True) | ~Q(released_by=F("prepared_by")),
                        name="a_second_person_releases_decisions",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            release_at__isnull=True, released_at__isnull=True, released_by__isnull=True
                        )
                        | Q(release_at__isnull=False, released_at__isnull=False, released_by__isnull=False),
                        name="a_release_says_who_when_and_for_when",
                    ),
                    models.CheckConstraint(
                        condition=Q(released_by__isnull=True, state="PREPARED")
                        | Q(released_by__isnull=False, state__in=["RELEASED", "SENT"])
                        | Q(state="REVOKED"),
                        name="decisions_leave_once_released",
                    ),
                    models.CheckConstraint(
                        condition=Q(ended_at__isnull=True, state__in=["PREPARED", "RELEASED"])
                        | Q(ended_at__isnull=False, state__in=["SENT", "REVOKED"]),
                        name="a_decision_batch_ends_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(revoked_by__isnull=False, state="REVOKED")
                        | (~Q(state="REVOKED") & Q(revoked_by__isnull=True)),
                        name="a_revoked_batch_says_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=Q(returned_at__isnull=True) | Q(state__in=["PREPARED", "REVOKED"]),
                        name="a_returned_batch_is_approved_anew",
                    ),
                    models.CheckConstraint(
                        condition=Q(returned_for="") | Q(returned_at__isnull=False),
                        name="a_returned_batch_says_since_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DecisionItem",
            fields=[
                ID,
                ("action", models.CharField("décision", max_length=24)),
                ("message", models.TextField("message pour la personne", blank=True)),
                (
                    "state",
                    models.CharField(
                        "état",
                        max_length=8,
                        choices=[
                            ("OPEN", "À annoncer"),
                            ("DONE", "Annoncée"),
                            ("REFUSED", "Impossible"),
                            ("REVOKED", "Annulée"),
                        ],
                        default="OPEN",
                    ),
                ),
                ("refusal", models.CharField("empêchement", max_length=40, blank=True)),
                ("done_at", models.DateTimeField("faite le", null=True, blank=True)),
                ("batch", models.ForeignKey("review.decisionbatch", models.RESTRICT, related_name="items")),
                (
                    "submission",
                    models.ForeignKey(
                        "submissions.submission", models.RESTRICT, related_name="decision_items"
                    ),
                ),
                ("version", models.PositiveIntegerField("version", null=True)),
                ("letter", models.CharField("message approuvé", max_length=64, blank=True, editable=False)),
            ],
            options={
                "verbose_name": "décision",
                "verbose_name_plural": "décisions",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("batch", "submission"), name="a_batch_decides_once_on_a_candidature"
                    ),
                    models.UniqueConstraint(
                        fields=("submission",),
                        condition=Q(state="OPEN"),
                        name="a_candidature_awaits_one_decision_at_most",
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=["OPEN", "DONE", "REFUSED", "REVOKED"]),
                        name="decision_item_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(refusal__gt="", state="REFUSED") | (~Q(state="REFUSED") & Q(refusal="")),
                        name="a_refused_decision_says_why",
                    ),
                    models.CheckConstraint(
                        condition=Q(done_at__isnull=True, state="OPEN")
                        | (~Q(state="OPEN") & Q(done_at__isnull=False)),
                        name="a_decision_ends_once",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="OPEN") | Q(version__isnull=False),
                        name="an_open_decision_says_what_it_is_about",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReservePlace",
            fields=[
                ID,
                ("place", models.PositiveSmallIntegerField("rang")),
                ("offer", models.ForeignKey("offers.offer", models.RESTRICT, related_name="reserve_places")),
                (
                    "submission",
                    models.OneToOneField(
                        "submissions.submission", models.RESTRICT, related_name="reserve_place"
                    ),
                ),
            ],
            options={
                "verbose_name": "rang sur la liste de réserve",
                "verbose_name_plural": "liste de réserve",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("offer", "place"),
                        deferrable=models.Deferrable.DEFERRED,
                        name="a_reserve_list_has_one_person_per_place",
                    ),
                    models.CheckConstraint(condition=Q(place__gte=1), name="reserve_places_start_at_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkRun",
            fields=[
                ID,
                (
                    "public_id",
                    models.UUIDField("identifiant public", unique=True, default=uuid.uuid4, editable=False),
                ),
                ("key", models.UUIDField(editable=False)),
                ("action", models.CharField("action", max_length=24)),
                ("reason", models.TextField("motif", blank=True)),
                ("query", models.CharField("filtre", max_length=1000, blank=True)),
                (
                    "asked_at",
                    models.DateTimeField("demandée le", db_default=TransactionNow(), editable=False),
                ),
                ("ended_at", models.DateTimeField("terminée le", null=True, blank=True)),
                (
                    "actor",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="bulk_runs",
                        verbose_name="par",
                    ),
                ),
            ],
            options={
                "verbose_name": "action sur plusieurs candidatures",
                "verbose_name_plural": "actions sur plusieurs candidatures",
                "default_permissions": (),
                "indexes": [models.Index(fields=["actor", "asked_at"], name="bulk_runs_of_a_person")],
                "constraints": [
                    models.UniqueConstraint(fields=("actor", "key"), name="a_confirmation_starts_one_run")
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkItem",
            fields=[
                ID,
                ("position", models.PositiveSmallIntegerField("rang")),
                ("version", models.PositiveIntegerField("version")),
                (
                    "state",
                    models.CharField(
                        "état",
                        max_length=8,
                        choices=[
                            ("OPEN", "En attente"),
                            ("DONE", "Fait"),
                            ("REFUSED", "Inchangée"),
                            ("STOPPED", "Arrêtée avant son tour"),
                        ],
                        default="OPEN",
                    ),
                ),
                ("refusal", models.CharField("empêchement", max_length=40, blank=True)),
                ("found", models.CharField("état trouvé", max_length=24, blank=True)),
                ("done_at", models.DateTimeField("faite le", null=True, blank=True)),
                (
                    "submission",
                    models.ForeignKey("submissions.submission", models.RESTRICT, related_name="bulk_items"),
                ),
                ("run", models.ForeignKey("review.bulkrun", models.CASCADE, related_name="items")),
            ],
            options={
                "verbose_name": "candidature d’une action",
                "verbose_name_plural": "candidatures d’une action",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "position"), name="a_run_has_one_candidature_per_place"
                    ),
                    models.UniqueConstraint(
                        fields=("run", "submission"), name="a_run_holds_a_candidature_once"
                    ),
                    models.UniqueConstraint(
                        fields=("submission",),
                        condition=Q(state="OPEN"),
                        name="a_candidature_is_in_one_open_run",
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=["OPEN", "DONE", "REFUSED", "STOPPED"]),
                        name="bulk_item_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(refusal__gt="", state="REFUSED") | (~Q(state="REFUSED") & Q(refusal="")),
                        name="a_refused_item_says_why",
                    ),
                    models.CheckConstraint(
                        condition=Q(done_at__isnull=True, state="OPEN")
                        | (~Q(state="OPEN") & Q(done_at__isnull=False)),
                        name="a_bulk_item_ends_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(position__gte=1, position__lte=500),
                        name="a_run_holds_no_more_than_can_be_read",
                    ),
                    models.CheckConstraint(
                        condition=Q(found="")
                        | Q(
                            found__in=[
                                "DRAFT",
                                "SUBMITTED",
                                "UNDER_REVIEW",
                                "COMPLEMENT_REQUESTED",
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
                            ]
                        ),
                        name="bulk_item_found_state_is_known",
                    ),
                ],
            },
        ),
        # Of submissions too: whatever takes a person off the reserve list frees their place.
        load_sql(__file__, "free_reserve_place"),
    ]
