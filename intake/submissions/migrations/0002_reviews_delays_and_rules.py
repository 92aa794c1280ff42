"""Requests for review, personal delays, complement requests; and the rules of all filings."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models
from django.db.models import F, Q

from intake.journal.privileges import append_only
from offers.sql_files import load_sql

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))
ROLE = settings.APPLICATION_ROLE


KEEP_COMPLEMENT_REQUEST = """\
CREATE OR REPLACE FUNCTION public.keep_complement_request()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL
        OR to_jsonb(NEW) - '{ended_at,ending,answered_by_id}'::text[]
            <> to_jsonb(OLD) - '{ended_at,ending,answered_by_id}'::text[] THEN
        RAISE EXCEPTION 'a complement request ends once, and nothing else of it changes' USING
            ERRCODE = 'restrict_violation';
    END IF;
    NEW.ended_at := transaction_timestamp();
    IF NEW.answered_by_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM submissions_filing f
        WHERE f.id = NEW.answered_by_id AND f.submission_id = NEW.submission_id AND f.received_at = NEW.ended_at
            AND f.id <> NEW.filing_id
    ) THEN
        RAISE EXCEPTION 'it is answered by a filing of its submission, as that is received' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_complement_request_is_answered_by_a_filing_of_its_file';
    END IF;
    RETURN NEW;
END $function$;

CREATE TRIGGER complement_request_ends_once BEFORE DELETE OR UPDATE ON public.submissions_complementrequest FOR EACH ROW EXECUTE FUNCTION keep_complement_request();
"""
"""The text of this migration; `privacy` loads the file of today, which lets an erasure pass."""


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0001_chained_entries"),
        ("offers", "0002_criteria_and_history"),
        ("submissions", "0001_filings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
        load_sql(__file__, "stamp_filing_and_refuse_late"),
        load_sql(__file__, "refuse_incomplete_or_late_commit"),
        load_sql(__file__, "refuse_reserve_without_request"),
        load_sql(__file__, "copy_the_standing_filing"),
        load_sql(__file__, "keep_a_filed_submission"),
        load_sql(__file__, "stamp_personal_extension_and_refuse_earlier"),
        load_sql(__file__, "stamp_complement_request"),
        migrations.RunSQL(KEEP_COMPLEMENT_REQUEST, "DROP FUNCTION keep_complement_request CASCADE"),
        load_sql(__file__, "ask_for_something"),
        load_sql(__file__, "ask_for_documents_at_once"),
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
    ]
