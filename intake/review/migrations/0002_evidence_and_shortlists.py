"""What was verified in the documents; shortlists and their exports; notes and saved views."""

import uuid

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Lower

from intake.base.sql_files import load_sql
from intake.journal.privileges import append_only

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0001_chained_entries"),
        ("offers", "0002_criteria_and_history"),
        ("review", "0001_committees_and_marks"),
        ("submissions", "0002_reviews_delays_and_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ID,
                ("position", models.PositiveSmallIntegerField("rang")),
                ("kind", models.CharField("critère", max_length=16)),
                (
                    "outcome",
                    models.CharField(
                        "constat",
                        max_length=12,
                        choices=[("CONFIRMED", "Confirmé"), ("CONTRADICTED", "Contredit")],
                    ),
                ),
                ("page", models.PositiveSmallIntegerField("page", null=True, blank=True)),
                ("note", models.CharField("précision", max_length=500, blank=True)),
                ("at", models.DateTimeField(db_default=TransactionNow(), editable=False)),
                (
                    "author",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+", verbose_name="auteur"
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        "submissions.fileddocument",
                        models.RESTRICT,
                        blank=True,
                        null=True,
                        related_name="+",
                        verbose_name="document",
                    ),
                ),
                ("filing", models.ForeignKey("submissions.filing", models.RESTRICT, related_name="evidence")),
                (
                    "after_selection",
                    models.BooleanField("après la décision", db_default=False, editable=False),
                ),
            ],
            options={
                "verbose_name": "vérification",
                "verbose_name_plural": "vérifications",
                "permissions": [("verify_finding", "Peut vérifier un constat d’après les documents")],
                "default_permissions": (),
                "indexes": [models.Index(fields=["filing", "position", "id"], name="evidence_of_a_finding")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(outcome__in=["CONFIRMED", "CONTRADICTED"]),
                        name="evidence_outcome_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(document__isnull=False, page__gte=1, page__isnull=False)
                        | (Q(document__isnull=True, page__isnull=True) & ~Q(note="")),
                        name="evidence_names_a_page_or_says_what_it_rests_on",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterMatch",
            fields=[
                ID,
                ("position", models.PositiveSmallIntegerField("rang")),
                ("entered_at", models.DateTimeField("inscrite le")),
                (
                    "filing",
                    models.OneToOneField(
                        "submissions.filing", models.RESTRICT, related_name="register_match"
                    ),
                ),
            ],
            options={
                "verbose_name": "correspondance au registre",
                "verbose_name_plural": "correspondances au registre",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Shortlist",
            fields=[
                ID,
                ("number", models.PositiveSmallIntegerField("numéro")),
                ("reason", models.CharField("motif", max_length=250)),
                ("frozen_at", models.DateTimeField("figée le")),
                ("rows_count", models.PositiveIntegerField("candidatures")),
                ("digest", models.CharField("empreinte", max_length=71)),
                (
                    "frozen_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+", verbose_name="figée par"
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.RESTRICT, related_name="shortlists", verbose_name="offre"
                    ),
                ),
            ],
            options={
                "verbose_name": "liste de présélection figée",
                "verbose_name_plural": "listes de présélection figées",
                "permissions": [("freeze_shortlist", "Peut figer une liste de présélection")],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("offer", "number"), name="shortlists_of_an_offer_have_distinct_numbers"
                    ),
                    models.CheckConstraint(condition=Q(number__gte=1), name="shortlist_numbers_start_at_one"),
                    models.CheckConstraint(condition=~Q(reason=""), name="a_frozen_shortlist_says_why"),
                    models.CheckConstraint(
                        condition=Q(digest__regex="^sha256:[0-9a-f]{64}$"), name="shortlist_digest_is_sha256"
                    ),
                    models.CheckConstraint(
                        condition=Q(rows_count__gte=1), name="a_frozen_shortlist_has_a_row"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShortlistRow",
            fields=[
                ID,
                ("rank", models.PositiveIntegerField("rang")),
                (
                    "score",
                    models.DecimalField("moyenne", max_digits=4, decimal_places=3, null=True, blank=True),
                ),
                ("marks", models.PositiveSmallIntegerField("évaluations")),
                ("reserve", models.CharField("réserve", max_length=8)),
                ("filing", models.ForeignKey("submissions.filing", models.RESTRICT, related_name="+")),
                ("shortlist", models.ForeignKey("review.shortlist", models.RESTRICT, related_name="rows")),
            ],
            options={
                "verbose_name": "rang d’une liste figée",
                "verbose_name_plural": "rangs d’une liste figée",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("shortlist", "rank"), name="a_shortlist_has_one_row_per_rank"
                    ),
                    models.UniqueConstraint(
                        fields=("shortlist", "filing"), name="a_filing_is_once_on_a_shortlist"
                    ),
                    models.CheckConstraint(condition=Q(rank__gte=1), name="shortlist_ranks_start_at_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShortlistExport",
            fields=[
                ID,
                ("file_format", models.CharField("format", max_length=4)),
                ("language", models.CharField("langue", max_length=2)),
                ("rows_count", models.PositiveIntegerField("candidatures")),
                ("size", models.PositiveBigIntegerField("taille")),
                ("sha256", models.CharField("empreinte", max_length=64)),
                ("reason", models.CharField("motif", max_length=250, blank=True)),
                ("at", models.DateTimeField("date et heure", db_default=TransactionNow(), editable=False)),
                (
                    "actor",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        blank=True,
                        null=True,
                        related_name="+",
                        verbose_name="par",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.RESTRICT, related_name="+", verbose_name="offre"
                    ),
                ),
                (
                    "shortlist",
                    models.ForeignKey(
                        "review.shortlist",
                        models.RESTRICT,
                        blank=True,
                        null=True,
                        related_name="exports",
                        verbose_name="liste",
                    ),
                ),
            ],
            options={
                "verbose_name": "exportation",
                "verbose_name_plural": "exportations de listes",
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["at", "id"], name="exports_in_order")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(file_format__in=["csv", "xlsx", "pdf", "zip"]),
                        name="export_format_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="export_digest_is_sha256"
                    ),
                    models.CheckConstraint(
                        condition=Q(language__in=["fr", "en"]), name="export_language_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportOrder",
            fields=[
                ID,
                (
                    "public_id",
                    models.UUIDField("identifiant public", unique=True, default=uuid.uuid4, editable=False),
                ),
                ("key", models.UUIDField(editable=False)),
                ("file_format", models.CharField("format", max_length=4)),
                ("language", models.CharField("langue", max_length=2)),
                ("reason", models.CharField("motif", max_length=250, blank=True)),
                (
                    "state",
                    models.CharField(
                        "état",
                        max_length=9,
                        choices=[
                            ("OPEN", "En préparation"),
                            ("READY", "Prêt"),
                            ("EXPIRED", "Retiré"),
                            ("REFUSED", "Refusé"),
                            ("CANCELLED", "Annulé"),
                        ],
                        default="OPEN",
                    ),
                ),
                ("done", models.PositiveIntegerField("candidatures écrites", default=0)),
                ("total", models.PositiveIntegerField("candidatures")),
                ("refusal", models.CharField("empêchement", max_length=40, blank=True)),
                ("file_name", models.CharField(max_length=120, blank=True, editable=False)),
                ("asked_at", models.DateTimeField("demandé le", db_default=TransactionNow(), editable=False)),
                ("ended_at", models.DateTimeField("terminé le", null=True, blank=True)),
                ("expires_at", models.DateTimeField("retiré le")),
                (
                    "actor",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="export_orders",
                        verbose_name="par",
                    ),
                ),
                (
                    "export",
                    models.OneToOneField(
                        "review.shortlistexport",
                        models.RESTRICT,
                        blank=True,
                        null=True,
                        editable=False,
                        related_name="order",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.RESTRICT, related_name="+", verbose_name="offre"
                    ),
                ),
                (
                    "shortlist",
                    models.ForeignKey(
                        "review.shortlist",
                        models.RESTRICT,
                        blank=True,
                        null=True,
                        related_name="+",
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
                        fields=("actor", "offer", "shortlist", "file_format", "language", "reason"),
                        condition=Q(state="OPEN"),
                        name="a_person_waits_once_for_a_file",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=["OPEN", "READY", "EXPIRED", "REFUSED", "CANCELLED"]),
                        name="export_order_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(export__isnull=False, state__in=["READY", "EXPIRED"])
                        | (~Q(state__in=["READY", "EXPIRED"]) & Q(export__isnull=True)),
                        name="a_file_that_was_ready_is_in_the_ledger",
                    ),
                    models.CheckConstraint(
                        condition=Q(file_name__gt="", state="READY") | (~Q(state="READY") & Q(file_name="")),
                        name="a_file_is_kept_while_it_is_ready",
                    ),
                    models.CheckConstraint(
                        condition=Q(refusal__gt="", state="REFUSED") | (~Q(state="REFUSED") & Q(refusal="")),
                        name="a_refused_export_says_why",
                    ),
                    models.CheckConstraint(
                        condition=Q(ended_at__isnull=True, state="OPEN")
                        | (~Q(state="OPEN") & Q(ended_at__isnull=False)),
                        name="an_export_order_ends_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(done__lte=F("total")), name="an_export_counts_no_further_than_its_list"
                    ),
                    models.CheckConstraint(
                        condition=Q(file_format__in=["csv", "xlsx", "pdf", "zip"]),
                        name="ordered_format_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(language__in=["fr", "en"]), name="ordered_language_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeetingNote",
            fields=[
                ID,
                ("text", models.TextField("note")),
                ("at", models.DateTimeField("date et heure", db_default=TransactionNow(), editable=False)),
                (
                    "author",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+", verbose_name="par"
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.RESTRICT, related_name="meeting_notes", verbose_name="offre"
                    ),
                ),
            ],
            options={
                "verbose_name": "observation de réunion",
                "verbose_name_plural": "observations de réunion",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(condition=~Q(text=""), name="a_meeting_note_says_something")
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ID,
                (
                    "public_id",
                    models.UUIDField("identifiant public", unique=True, default=uuid.uuid4, editable=False),
                ),
                ("name", models.CharField("nom", max_length=60)),
                ("query", models.CharField("filtre", max_length=1000)),
                ("shared", models.BooleanField("partagée", default=False)),
                (
                    "owner",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.CASCADE,
                        related_name="saved_views",
                        verbose_name="par",
                    ),
                ),
            ],
            options={
                "verbose_name": "vue enregistrée",
                "verbose_name_plural": "vues enregistrées",
                "permissions": [("share_savedview", "Peut partager une vue de la file")],
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["shared"], condition=Q(shared=True), name="saved_views_shared")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        Lower("name"), F("owner"), name="a_person_names_each_of_their_views_differently"
                    ),
                    models.CheckConstraint(condition=~Q(name=""), name="a_saved_view_has_a_name"),
                    models.CheckConstraint(condition=~Q(query=""), name="a_saved_view_narrows_the_queue"),
                ],
            },
        ),
        load_sql(__file__, "refuse_foreign_evidence"),
        load_sql(__file__, "say_found_after_selection"),
        # Of submissions, by what was verified: nobody is selected while a finding that decides is unconfirmed.
        load_sql(__file__, "refuse_unconfirmed_selection"),
        append_only("review_evidence"),
        append_only("review_shortlist"),
        append_only("review_shortlistrow"),
        append_only("review_shortlistexport"),
        append_only("review_meetingnote"),
    ]
