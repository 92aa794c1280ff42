"""Verdicts, requests for review, personal delays, complement requests, files of drafts; and the rules of all filings."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models
from django.db.models import F, Q

from intake.base.sql_files import load_sql
from intake.journal.privileges import append_only

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))
ROLE = settings.APPLICATION_ROLE


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0001_chained_entries"),
        ("offers", "0002_criteria_and_history"),
        ("profiles", "0001_profiles_and_notices"),
        ("submissions", "0001_filings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Verdict",
            fields=[
                ID,
                ("outcome", models.CharField("verdict", max_length=16)),
                ("rulebook_digest", models.CharField(max_length=71)),
                ("facts_digest", models.CharField(max_length=71)),
                (
                    "filing",
                    models.OneToOneField("submissions.filing", models.RESTRICT, related_name="verdict"),
                ),
                ("rulebook", models.ForeignKey("offers.rulebookversion", models.RESTRICT, related_name="+")),
                ("under_reserve", models.BooleanField("en révision", default=False)),
                ("blocking", ArrayField(models.PositiveSmallIntegerField(), default=list)),
            ],
            options={
                "verbose_name": "verdict",
                "verbose_name_plural": "verdicts",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(outcome__in=["ELIGIBLE", "NEEDS_REVIEW"], under_reserve=False)
                        | Q(outcome="INELIGIBLE", under_reserve=True),
                        name="a_refused_verdict_is_filed_under_reserve_alone",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewRequest",
            fields=[
                ID,
                ("message", models.TextField("message")),
                ("at", models.DateTimeField(db_default=TransactionNow(), editable=False)),
                (
                    "filing",
                    models.OneToOneField(
                        "submissions.filing", models.RESTRICT, related_name="review_request"
                    ),
                ),
            ],
            options={
                "verbose_name": "demande de révision",
                "verbose_name_plural": "demandes de révision",
                "constraints": [
                    models.CheckConstraint(condition=~Q(message=""), name="review_request_says_something")
                ],
            },
        ),
        migrations.CreateModel(
            name="Ruling",
            fields=[
                ID,
                ("position", models.PositiveSmallIntegerField("rang")),
                ("kind", models.CharField("critère", max_length=16)),
                (
                    "decision",
                    models.CharField(
                        "décision",
                        max_length=10,
                        choices=[("CONFIRMED", "Confirmé"), ("OVERTURNED", "Écarté")],
                    ),
                ),
                ("reason", models.TextField("motif")),
                ("at", models.DateTimeField(db_default=TransactionNow(), editable=False)),
                ("actor", models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+")),
                ("filing", models.ForeignKey("submissions.filing", models.RESTRICT, related_name="rulings")),
                ("turn", models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                "verbose_name": "décision d’une révision",
                "verbose_name_plural": "décisions de révisions",
                "indexes": [models.Index(fields=["filing", "position"], name="rulings_of_a_filing")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(decision__in=["CONFIRMED", "OVERTURNED"]), name="ruling_decision_is_known"
                    ),
                    models.CheckConstraint(condition=~Q(reason=""), name="ruling_says_why"),
                    models.CheckConstraint(condition=Q(turn__gte=1), name="reviews_are_counted_from_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonalExtension",
            fields=[
                ID,
                ("reason", models.CharField("motif", max_length=250)),
                ("at", models.DateTimeField("accordé le", db_default=TransactionNow(), editable=False)),
                (
                    "closed_at_before",
                    models.DateTimeField(
                        "fermeture prévue avant", db_default=TransactionNow(), editable=False
                    ),
                ),
                ("closes_at", models.DateTimeField("nouvelle fermeture")),
                (
                    "author",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+", verbose_name="auteur"
                    ),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="personal_extensions",
                        verbose_name="personne candidate",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer",
                        models.RESTRICT,
                        related_name="personal_extensions",
                        verbose_name="offre",
                    ),
                ),
            ],
            options={
                "verbose_name": "prolongation personnelle",
                "verbose_name_plural": "prolongations personnelles",
                "default_permissions": ("add", "view"),
                "indexes": [
                    models.Index(
                        fields=["candidate", "offer"],
                        include=("closes_at", "at"),
                        name="extensions_of_a_person",
                    ),
                    models.Index(fields=["offer", "at"], name="extensions_of_an_offer"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(closes_at__gt=F("closed_at_before")),
                        name="a_personal_extension_closes_later_than_before",
                    ),
                    models.CheckConstraint(condition=~Q(reason=""), name="a_personal_extension_says_why"),
                    models.CheckConstraint(
                        condition=~Q(author=F("candidate")), name="nobody_extends_their_own_deadline"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ComplementRequest",
            fields=[
                ID,
                ("asked_at", models.DateTimeField("demandé le", db_default=TransactionNow(), editable=False)),
                ("words", models.TextField("ce qui manque")),
                ("due_at", models.DateTimeField("à recevoir avant")),
                ("sections", ArrayField(models.CharField(max_length=32), default=list)),
                ("ended_at", models.DateTimeField("terminée le", null=True, blank=True, editable=False)),
                (
                    "ending",
                    models.CharField(
                        "fin",
                        max_length=9,
                        choices=[
                            ("ANSWERED", "Complément reçu"),
                            ("RESUMED", "Étude reprise sans complément"),
                            ("WITHDRAWN", "Désistement"),
                            ("DECIDED", "Candidature déclarée non admissible"),
                            ("REPLACED", "Remplacée par une autre demande"),
                        ],
                        blank=True,
                    ),
                ),
                (
                    "answered_by",
                    models.OneToOneField(
                        "submissions.filing",
                        models.RESTRICT,
                        blank=True,
                        null=True,
                        related_name="complement",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="+",
                        verbose_name="demandé par",
                    ),
                ),
                ("filing", models.ForeignKey("submissions.filing", models.RESTRICT, related_name="+")),
                (
                    "submission",
                    models.ForeignKey("submissions.submission", models.RESTRICT, related_name="complements"),
                ),
            ],
            options={
                "verbose_name": "demande de complément",
                "verbose_name_plural": "demandes de complément",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        fields=["due_at"],
                        condition=Q(ended_at=None),
                        include=("submission",),
                        name="open_complements_by_due_at",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("submission",),
                        condition=Q(ended_at=None),
                        name="a_submission_has_one_open_complement_request",
                    ),
                    models.CheckConstraint(
                        condition=~Q(words=""), name="a_complement_request_says_what_is_missing"
                    ),
                    models.CheckConstraint(
                        condition=Q(due_at__gt=F("asked_at")), name="a_complement_request_leaves_time"
                    ),
                    models.CheckConstraint(
                        condition=Q(answered_by=None, ended_at=None, ending="")
                        | Q(answered_by__isnull=False, ended_at__isnull=False, ending="ANSWERED")
                        | Q(
                            answered_by=None,
                            ended_at__isnull=False,
                            ending__in=["RESUMED", "WITHDRAWN", "DECIDED", "REPLACED"],
                        ),
                        name="a_complement_request_that_ended_says_how",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ComplementDocument",
            fields=[
                ID,
                ("request", models.ForeignKey("offers.documentrequest", models.RESTRICT, related_name="+")),
                (
                    "complement",
                    models.ForeignKey(
                        "submissions.complementrequest", models.RESTRICT, related_name="asked_documents"
                    ),
                ),
            ],
            options={
                "verbose_name": "document du complément demandé",
                "verbose_name_plural": "documents du complément demandé",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("complement", "request"), name="a_complement_request_names_a_document_once"
                    )
                ],
            },
        ),
        migrations.AddField(
            "ComplementRequest",
            "documents",
            models.ManyToManyField(
                "offers.documentrequest", through="submissions.ComplementDocument", related_name="+"
            ),
        ),
        migrations.CreateModel(
            name="DocumentPart",
            fields=[
                ID,
                (
                    "document",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="parts",
                        to="submissions.draftdocument",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "upload",
                    models.ForeignKey(on_delete=models.RESTRICT, related_name="+", to="documents.upload"),
                ),
                ("turned", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "fichier d’un document du brouillon",
                "verbose_name_plural": "fichiers d’un document du brouillon",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["document", "position"], name="a_document_has_one_file_at_each_position"
                    ),
                    models.CheckConstraint(
                        condition=Q(position__gte=1), name="the_first_file_of_a_document_is_number_1"
                    ),
                    models.CheckConstraint(
                        condition=Q(turned__in=[0, 90, 180, 270]), name="a_file_is_turned_by_quarters"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PendingUpload",
            fields=[
                ID,
                (
                    "public_id",
                    models.UUIDField("identifiant public", unique=True, default=uuid.uuid4, editable=False),
                ),
                ("seen", models.CharField(max_length=32, null=True)),
                ("adds", models.BooleanField(default=False)),
                ("name", models.CharField("nom du fichier", max_length=120)),
                ("size", models.PositiveBigIntegerField("taille reçue (octets)")),
                ("sha256", models.CharField("empreinte SHA-256 du fichier reçu", max_length=64)),
                (
                    "file",
                    models.FileField(
                        "fichier reçu", upload_to="documents/pending", max_length=200, blank=True
                    ),
                ),
                ("client", models.GenericIPAddressField("adresse réseau", null=True)),
                (
                    "state",
                    models.CharField(
                        "état",
                        max_length=10,
                        choices=[
                            ("RECEIVED", "En analyse"),
                            ("ADDED", "Ajouté"),
                            ("SAME", "Déjà présent"),
                            ("REFUSED", "Refusé"),
                            ("CHANGED", "Document changé entre-temps"),
                            ("CLOSED", "Reçu trop tard"),
                            ("DROPPED", "Abandonné"),
                        ],
                        default="RECEIVED",
                    ),
                ),
                ("reason_code", models.CharField("motif du refus", max_length=32, blank=True)),
                ("facts", models.JSONField(default=dict)),
                ("received_at", models.DateTimeField("reçu le", db_default=TransactionNow())),
                ("started_at", models.DateTimeField("analyse commencée le", null=True, blank=True)),
                ("settled_at", models.DateTimeField("analyse terminée le", null=True, blank=True)),
                (
                    "draft",
                    models.ForeignKey(
                        "submissions.draft", models.SET_NULL, null=True, related_name="pending_uploads"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="pending_uploads",
                        verbose_name="personne",
                    ),
                ),
                ("request", models.ForeignKey("offers.documentrequest", models.CASCADE, related_name="+")),
            ],
            options={
                "verbose_name": "fichier en analyse",
                "verbose_name_plural": "fichiers en analyse",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["owner", "received_at"], name="pending_upload_of_a_day"),
                    models.Index(
                        fields=["received_at"], condition=Q(state="RECEIVED"), name="pending_upload_in_line"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("draft", "request"),
                        condition=Q(adds=False, state="RECEIVED"),
                        name="one_file_under_inspection_replaces_a_document",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            state__in=["RECEIVED", "ADDED", "SAME", "REFUSED", "CHANGED", "CLOSED", "DROPPED"]
                        ),
                        name="pending_upload_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=(Q(settled_at=None, state="RECEIVED") & ~Q(file=""))
                        | (~Q(state="RECEIVED") & Q(file="", settled_at__isnull=False)),
                        name="pending_upload_has_its_bytes_until_it_is_settled",
                    ),
                    models.CheckConstraint(
                        condition=(Q(state="REFUSED") & ~Q(reason_code=""))
                        | (~Q(state="REFUSED") & Q(reason_code="")),
                        name="pending_upload_is_refused_for_a_reason",
                    ),
                    models.CheckConstraint(condition=Q(size__gte=1), name="pending_upload_is_not_empty"),
                    models.CheckConstraint(
                        condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="pending_upload_digest_is_sha256"
                    ),
                ],
            },
        ),
        load_sql(__file__, "stamp_filing_and_refuse_late"),
        load_sql(__file__, "refuse_incomplete_or_late_commit"),
        load_sql(__file__, "refuse_reserve_without_request"),
        load_sql(__file__, "copy_the_standing_filing"),
        load_sql(__file__, "keep_a_filed_submission"),
        load_sql(__file__, "stamp_personal_extension_and_refuse_earlier"),
        load_sql(__file__, "stamp_complement_request"),
        load_sql(__file__, "keep_complement_request"),
        load_sql(__file__, "ask_for_something"),
        load_sql(__file__, "ask_for_documents_at_once"),
        load_sql(__file__, "stamp_arrival_and_refuse_late"),
        load_sql(__file__, "refuse_late_arrival_commit"),
        load_sql(__file__, "keep_arrival"),
        load_sql(__file__, "keep_an_arrived_draft"),
        load_sql(__file__, "refuse_upholding_alone"),
        # The statements of a rush, whose plans are kept.
        load_sql(__file__, "applicant_in_a_rush"),
        load_sql(__file__, "arrivals_that_wait"),
        load_sql(__file__, "next_arrival_in_line"),
        load_sql(__file__, "waits_since"),
        append_only("submissions_filing"),
        append_only("submissions_fileddocument"),
        append_only("submissions_receipt"),
        append_only("submissions_verdict"),
        append_only("submissions_transition"),
        append_only("submissions_reviewrequest"),
        append_only("submissions_ruling"),
        append_only("submissions_personalextension"),
        append_only("submissions_complementdocument"),
        # A complement request ends once, and nothing else of it changes.
        migrations.RunSQL(
            [
                f'REVOKE UPDATE, DELETE, TRUNCATE ON submissions_complementrequest FROM "{ROLE}"',
                f'GRANT UPDATE (ended_at, ending, answered_by_id) ON submissions_complementrequest TO "{ROLE}"',
            ],
            f'GRANT UPDATE, DELETE ON submissions_complementrequest TO "{ROLE}"',
        ),
        # An arrival is settled once, and nothing else of it changes.
        migrations.RunSQL(
            [
                """
                CREATE TRIGGER submissions_arrival_is_never_emptied BEFORE TRUNCATE ON submissions_arrival
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying()
                """,
                f'REVOKE UPDATE, DELETE, TRUNCATE ON submissions_arrival FROM "{ROLE}"',
                f'GRANT UPDATE (state, reason, review_message, draft_id) ON submissions_arrival TO "{ROLE}"',
            ],
            f'GRANT UPDATE, DELETE ON submissions_arrival TO "{ROLE}"',
        ),
    ]
