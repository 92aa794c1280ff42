"""Submissions, their drafts, arrivals and filings. Their rules come last, in the next migration."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models import F, Func, Q

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))
STATES = [
    ("DRAFT", "Brouillon"),
    ("SUBMITTED", "Reçue"),
    ("UNDER_REVIEW", "À l’étude"),
    ("COMPLEMENT_REQUESTED", "Dossier incomplet"),
    ("INADMISSIBLE", "Non admissible"),
    ("SHORTLISTED", "Présélectionnée"),
    ("INTERVIEW", "Convoquée en entrevue"),
    ("RECOMMENDED", "Recommandée à l’organisation"),
    ("SELECTED", "Retenue"),
    ("RESERVE", "Liste de réserve"),
    ("DECLINED", "Non retenue"),
    ("WITHDRAWN", "Désistement"),
    ("PLACED", "Stage en cours"),
    ("COMPLETED", "Stage terminé"),
]
ACTIONS = (
    "FILE",
    "AMEND",
    "WITHDRAW",
    "START_REVIEW",
    "REQUEST_COMPLEMENT",
    "RESUME",
    "FIND_INADMISSIBLE",
    "REOPEN",
    "JUDGE_AGAIN",
    "SHORTLIST",
    "LEAVE_SHORTLIST",
    "INVITE",
    "RECOMMEND",
    "SELECT",
    "PUT_ON_RESERVE",
    "DECLINE",
    "TAKE_BACK",
    "PLACE",
    "COMPLETE",
)


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("documents", "0001_uploads"),
        ("dossiers", "0001_seals_and_files"),
        ("offers", "0002_criteria_and_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Submission",
            fields=[
                ID,
                (
                    "public_id",
                    models.UUIDField("identifiant public", unique=True, default=uuid.uuid4, editable=False),
                ),
                ("state", models.CharField("état", max_length=24, choices=STATES, default="DRAFT")),
                ("version", models.PositiveIntegerField("version", default=0)),
                ("filed_name", models.CharField("nom déposé", max_length=401, blank=True)),
                ("created_at", models.DateTimeField("commencée le", db_default=TransactionNow())),
                (
                    "candidate",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="submissions",
                        verbose_name="personne candidate",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.RESTRICT, related_name="submissions", verbose_name="offre"
                    ),
                ),
                (
                    "reserve",
                    models.CharField(
                        "réserve",
                        max_length=8,
                        choices=[
                            ("NONE", "Aucune révision"),
                            ("PENDING", "Révision demandée"),
                            ("LIFTED", "Révision favorable"),
                            ("UPHELD", "Révision défavorable"),
                        ],
                        default="NONE",
                    ),
                ),
                ("filed_outcome", models.CharField("verdict", max_length=16, blank=True, editable=False)),
                ("received_at", models.DateTimeField("reçue le", null=True, blank=True, editable=False)),
                (
                    "folded_name",
                    models.GeneratedField(
                        expression=Func(
                            F("filed_name"), function="fold_text", output_field=models.TextField()
                        ),
                        output_field=models.TextField(),
                        db_persist=True,
                    ),
                ),
            ],
            options={
                "verbose_name": "candidature",
                "verbose_name_plural": "candidatures",
                "permissions": [
                    ("triage_submission", "Peut mettre une candidature à l’étude"),
                    ("decide_submission", "Peut décider d’une candidature"),
                    ("export_shortlist", "Peut exporter la liste de présélection"),
                ],
                "indexes": [
                    models.Index(fields=["offer", "state"], name="submission_by_offer_and_state"),
                    models.Index(
                        fields=["received_at", "id"],
                        include=("state", "offer", "candidate", "reserve", "filed_outcome"),
                        name="submission_in_order",
                    ),
                    models.Index(
                        fields=["state", "received_at", "id"],
                        include=("offer", "candidate", "reserve"),
                        name="submission_in_order_by_state",
                    ),
                    models.Index(
                        fields=["offer", "received_at", "id"],
                        include=("state", "candidate"),
                        name="submission_in_order_by_offer",
                    ),
                    models.Index(
                        fields=["filed_outcome", "received_at", "id"],
                        include=("state", "offer", "candidate"),
                        name="submission_in_order_by_verdict",
                    ),
                    models.Index(
                        fields=["reserve", "received_at", "id"],
                        condition=~Q(reserve="NONE"),
                        name="submission_in_order_by_reserve",
                    ),
                    GinIndex(
                        fields=["folded_name"], opclasses=["gin_trgm_ops"], name="submission_by_trigrams"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("offer", "candidate"), name="a_person_has_one_submission_per_offer"
                    ),
                    models.CheckConstraint(
                        condition=Q(reserve__in=["NONE", "PENDING", "LIFTED", "UPHELD"]),
                        name="submission_reserve_is_known",
                    ),
                    models.CheckConstraint(
                        condition=~Q(reserve="UPHELD") | Q(state__in=["INADMISSIBLE", "WITHDRAWN"]),
                        name="an_upheld_reserve_ends_the_study_of_the_file",
                    ),
                    models.UniqueConstraint(
                        fields=("candidate",),
                        condition=Q(state__in=("SELECTED", "PLACED")),
                        name="a_person_is_selected_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=[state for state, _label in STATES]),
                        name="submission_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=~Q(reserve="PENDING")
                        | Q(state__in=["SUBMITTED", "COMPLEMENT_REQUESTED", "WITHDRAWN"]),
                        name="a_reserve_is_settled_before_the_file_is_studied",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ID,
                ("answers", models.JSONField(default=dict)),
                ("schema", models.PositiveSmallIntegerField(default=1)),
                ("version", models.PositiveIntegerField(default=0)),
                ("opened_at", models.DateTimeField(db_default=TransactionNow())),
                ("saved_at", models.DateTimeField(null=True, blank=True)),
                ("closed_at", models.DateTimeField(null=True, blank=True)),
                (
                    "submission",
                    models.ForeignKey("submissions.submission", models.CASCADE, related_name="drafts"),
                ),
                ("changes_noted_at", models.DateTimeField(db_default=TransactionNow())),
            ],
            options={
                "verbose_name": "brouillon",
                "verbose_name_plural": "brouillons",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("submission",),
                        condition=Q(closed_at=None),
                        name="a_submission_has_one_open_draft",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                ID,
                ("version", models.PositiveIntegerField()),
                ("declarations", ArrayField(models.CharField(max_length=40))),
                ("review_message", models.TextField(blank=True)),
                ("reads_english", models.BooleanField(default=False)),
                ("asked", models.BigIntegerField(null=True)),
                ("witness", models.CharField(max_length=64, null=True, blank=True)),
                ("attested_at", models.DateTimeField(editable=False)),
                ("elapsed", models.DurationField(null=True)),
                ("arrived_at", models.DateTimeField("arrivée le", editable=False)),
                ("transaction", models.BigIntegerField(editable=False)),
                ("cluster", models.BigIntegerField(editable=False)),
                (
                    "state",
                    models.CharField(
                        "état",
                        max_length=8,
                        choices=[
                            ("WAITING", "Arrivée, à déposer"),
                            ("FILED", "Déposée"),
                            ("REFUSED", "Non déposée"),
                        ],
                        default="WAITING",
                    ),
                ),
                ("reason", models.CharField("motif", max_length=40, blank=True)),
                ("settled_at", models.DateTimeField("traitée le", null=True, editable=False)),
                (
                    "draft",
                    models.ForeignKey(
                        "submissions.draft", models.SET_NULL, null=True, related_name="arrivals"
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey("submissions.submission", models.RESTRICT, related_name="arrivals"),
                ),
            ],
            options={
                "verbose_name": "arrivée",
                "verbose_name_plural": "arrivées",
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        fields=["arrived_at", "id"], condition=Q(state="WAITING"), name="arrivals_in_line"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("draft",),
                        condition=Q(state="WAITING"),
                        name="a_draft_has_one_waiting_arrival",
                    ),
                    models.CheckConstraint(
                        condition=Q(settled_at=None, state="WAITING")
                        | Q(settled_at__isnull=False, state__in=["FILED", "REFUSED"]),
                        name="an_arrival_waits_until_it_is_settled",
                    ),
                    models.CheckConstraint(
                        condition=(Q(state="REFUSED") & ~Q(reason="")) | (~Q(state="REFUSED") & Q(reason="")),
                        name="an_arrival_is_refused_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Filing",
            fields=[
                ID,
                ("sequence", models.PositiveSmallIntegerField("rang")),
                (
                    "received_at",
                    models.DateTimeField("reçue le", db_default=TransactionNow(), editable=False),
                ),
                ("draft", models.OneToOneField("submissions.draft", models.RESTRICT, related_name="filing")),
                (
                    "replaces",
                    models.OneToOneField(
                        "submissions.filing",
                        models.RESTRICT,
                        blank=True,
                        null=True,
                        related_name="replaced_by",
                    ),
                ),
                ("seal", models.OneToOneField("dossiers.seal", models.RESTRICT, related_name="filing")),
                (
                    "submission",
                    models.ForeignKey("submissions.submission", models.RESTRICT, related_name="filings"),
                ),
                ("transaction", models.BigIntegerField("transaction", null=True, editable=False)),
                ("cluster", models.BigIntegerField("grappe", null=True, editable=False)),
                (
                    "arrival",
                    models.OneToOneField(
                        "submissions.arrival",
                        models.RESTRICT,
                        null=True,
                        editable=False,
                        related_name="filing",
                    ),
                ),
            ],
            options={
                "verbose_name": "dépôt",
                "verbose_name_plural": "dépôts",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("submission", "sequence"), name="filings_of_a_submission_are_numbered"
                    ),
                    models.CheckConstraint(
                        condition=Q(replaces=None, sequence=1) | Q(replaces__isnull=False, sequence__gt=1),
                        name="a_later_filing_names_the_one_it_replaces",
                    ),
                    models.CheckConstraint(
                        condition=Q(replaces=None) | ~Q(replaces=F("id")),
                        name="a_filing_never_replaces_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transition",
            fields=[
                ID,
                ("action", models.CharField(max_length=24, choices=[(action, action) for action in ACTIONS])),
                ("from_state", models.CharField(max_length=24, choices=STATES)),
                ("to_state", models.CharField(max_length=24, choices=STATES)),
                ("at", models.DateTimeField(db_default=TransactionNow())),
                ("reason", models.TextField(blank=True)),
                ("actor", models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+")),
                (
                    "submission",
                    models.ForeignKey("submissions.submission", models.RESTRICT, related_name="transitions"),
                ),
            ],
            options={
                "verbose_name": "changement d’état",
                "verbose_name_plural": "changements d’état",
            },
        ),
        migrations.CreateModel(
            name="DraftDocument",
            fields=[
                ID,
                ("draft", models.ForeignKey("submissions.draft", models.CASCADE, related_name="documents")),
                ("request", models.ForeignKey("offers.documentrequest", models.RESTRICT, related_name="+")),
                ("upload", models.ForeignKey("documents.upload", models.RESTRICT, related_name="+")),
                (
                    "joined",
                    models.CharField(
                        max_length=10,
                        choices=[
                            ("CURRENT", "À jour"),
                            ("WANTED", "En préparation"),
                            ("TOO_LARGE", "Trop lourd"),
                            ("FAILED", "Préparation échouée"),
                        ],
                        default="CURRENT",
                        db_default="CURRENT",
                        editable=False,
                    ),
                ),
                ("revision", models.UUIDField(null=True, editable=False)),
            ],
            options={
                "verbose_name": "document du brouillon",
                "verbose_name_plural": "documents du brouillon",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("draft", "request"), name="a_draft_holds_one_file_per_document_asked"
                    ),
                    models.CheckConstraint(
                        condition=Q(joined="CURRENT")
                        | Q(joined__in=["WANTED", "TOO_LARGE", "FAILED"], revision__isnull=False),
                        name="a_document_to_join_has_a_revision",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FiledDocument",
            fields=[
                ID,
                ("sha256", models.CharField(max_length=64)),
                ("request", models.ForeignKey("offers.documentrequest", models.RESTRICT, related_name="+")),
                ("upload", models.ForeignKey("documents.upload", models.RESTRICT, related_name="+")),
                (
                    "filing",
                    models.ForeignKey("submissions.filing", models.RESTRICT, related_name="documents"),
                ),
            ],
            options={
                "verbose_name": "document déposé",
                "verbose_name_plural": "documents déposés",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("filing", "request"), name="a_filing_holds_one_file_per_document_asked"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ID,
                ("number", models.CharField("numéro", max_length=64)),
                (
                    "filing",
                    models.OneToOneField("submissions.filing", models.RESTRICT, related_name="receipt"),
                ),
                (
                    "folded_number",
                    models.GeneratedField(
                        expression=Func(F("number"), function="fold_text", output_field=models.TextField()),
                        output_field=models.TextField(),
                        db_persist=True,
                    ),
                ),
            ],
            options={
                "verbose_name": "accusé de réception",
                "verbose_name_plural": "accusés de réception",
                "indexes": [
                    GinIndex(fields=["folded_number"], opclasses=["gin_trgm_ops"], name="receipt_by_trigrams")
                ],
                "constraints": [models.UniqueConstraint(fields=("number",), name="receipt_number_is_unique")],
            },
        ),
        # A submission and a draft name a filing, which names them.
        migrations.AddField(
            "Submission",
            "standing_filing",
            models.OneToOneField(
                "submissions.filing",
                models.RESTRICT,
                blank=True,
                null=True,
                related_name="+",
                verbose_name="dépôt valide",
            ),
        ),
        migrations.AddIndex(
            "Submission",
            models.Index(
                fields=["offer", "standing_filing"],
                condition=Q(state="SHORTLISTED"),
                include=("reserve", "id"),
                name="submission_shortlisted",
            ),
        ),
        migrations.AddConstraint(
            "Submission",
            models.CheckConstraint(
                condition=Q(standing_filing=None, state="DRAFT")
                | (~Q(state="DRAFT") & Q(standing_filing__isnull=False)),
                name="only_a_draft_stands_without_a_filing",
            ),
        ),
        migrations.AddField(
            "Draft",
            "replaces",
            models.ForeignKey("submissions.filing", models.RESTRICT, blank=True, null=True, related_name="+"),
        ),
        # Receipt numbers never repeat and never wait for one another: a sequence, whose gaps mean nothing.
        migrations.RunSQL(
            "CREATE SEQUENCE submissions_receipt_serial AS bigint MINVALUE 1",
            "DROP SEQUENCE submissions_receipt_serial",
        ),
    ]
