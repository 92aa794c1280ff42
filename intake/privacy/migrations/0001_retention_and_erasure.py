"""How long what people filed is kept, what holds it longer, and the functions that erase it; the register of incidents."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models
from django.db.models import Q
from django.db.models.deletion import RESTRICT

from intake.base.sql_files import load_sql
from intake.journal.privileges import append_only

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))
ROLE = settings.APPLICATION_ROLE
OUTCOMES = [
    ("DRAFT", "Brouillon jamais déposé"),
    ("NOT_SELECTED", "Candidature non retenue"),
    ("WITHDRAWN", "Désistement"),
    ("INELIGIBLE", "Candidature non admissible"),
    ("SELECTED", "Candidature retenue, stage non terminé"),
    ("PARTICIPANT", "Stage terminé"),
    ("ACCOUNT", "Compte sans candidature"),
]


def user(**options: Any) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(settings.AUTH_USER_MODEL, RESTRICT, related_name="+", **options)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_account_changes"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("journal", "0001_chained_entries"),
        ("outbox", "0001_deliveries_and_messages"),
        ("review", "0003_decisions"),
        ("submissions", "0002_reviews_delays_and_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                ID,
                (
                    "outcome",
                    models.CharField("issue de la candidature", max_length=16, choices=OUTCOMES),
                ),
                ("months", models.PositiveSmallIntegerField("mois de conservation")),
                ("reason", models.CharField("motif", max_length=250)),
                ("at", models.DateTimeField("fixée le", db_default=TransactionNow(), editable=False)),
                (
                    "applies_at",
                    models.DateTimeField("en vigueur le", db_default=TransactionNow(), editable=False),
                ),
                ("author", user(null=True, blank=True, verbose_name="fixée par")),
            ],
            options={
                "verbose_name": "règle de conservation",
                "verbose_name_plural": "règles de conservation",
                "default_permissions": (),
                "indexes": [models.Index(fields=["outcome", "-id"], name="retention_rules_latest_first")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(outcome="DRAFT", months__gte=1)
                        | Q(outcome="ACCOUNT", months__gte=6)
                        | Q(
                            outcome__in=[
                                "NOT_SELECTED",
                                "WITHDRAWN",
                                "INELIGIBLE",
                                "SELECTED",
                                "PARTICIPANT",
                            ],
                            months__gte=12,
                        ),
                        name="a_retention_rule_leaves_time_to_contest",
                    ),
                    models.CheckConstraint(condition=Q(months__lte=240), name="a_retention_rule_ends"),
                    models.CheckConstraint(condition=~Q(reason=""), name="a_retention_rule_says_why"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ID,
                ("reason", models.CharField("motif", max_length=250)),
                ("put_at", models.DateTimeField("suspendu le", db_default=TransactionNow(), editable=False)),
                ("lifted_at", models.DateTimeField("levé le", null=True, blank=True, editable=False)),
                ("lift_reason", models.CharField("motif de la levée", max_length=250, blank=True)),
                ("lifted_by", user(null=True, blank=True, verbose_name="levé par")),
                ("put_by", user(verbose_name="suspendu par")),
                (
                    "submission",
                    models.ForeignKey(
                        "submissions.submission",
                        RESTRICT,
                        related_name="legal_holds",
                        verbose_name="candidature",
                    ),
                ),
            ],
            options={
                "verbose_name": "suspension de l’effacement",
                "verbose_name_plural": "suspensions de l’effacement",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=["submission"],
                        condition=Q(lifted_at__isnull=True),
                        name="a_file_is_held_once_at_a_time",
                    ),
                    models.CheckConstraint(condition=~Q(reason=""), name="a_legal_hold_says_why"),
                    models.CheckConstraint(
                        condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lift_reason="")
                        | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")),
                        name="a_lifted_hold_says_who_when_and_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ID,
                (
                    "kind",
                    models.CharField(
                        "objet",
                        max_length=8,
                        choices=[
                            ("FILE", "Candidature déposée"),
                            ("DRAFT", "Brouillon"),
                            ("ACCOUNT", "Compte"),
                        ],
                    ),
                ),
                ("outcome", models.CharField("issue", max_length=16, choices=OUTCOMES)),
                ("due_on", models.DateField("à effacer le", null=True, blank=True)),
                (
                    "erased_at",
                    models.DateTimeField("effacé le", db_default=TransactionNow(), editable=False),
                ),
                ("files", ArrayField(models.CharField(max_length=200), default=list, blank=True)),
                (
                    "files_removed_at",
                    models.DateTimeField("fichiers supprimés le", null=True, blank=True, editable=False),
                ),
                (
                    "account",
                    models.OneToOneField(
                        settings.AUTH_USER_MODEL, RESTRICT, null=True, blank=True, related_name="erasure"
                    ),
                ),
                (
                    "submission",
                    models.OneToOneField(
                        "submissions.submission", RESTRICT, null=True, blank=True, related_name="erasure"
                    ),
                ),
            ],
            options={
                "verbose_name": "effacement",
                "verbose_name_plural": "effacements",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["erased_at"], name="erasures_in_order"),
                    models.Index(
                        fields=["id"],
                        name="erasures_with_files_left",
                        condition=Q(files_removed_at__isnull=True),
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(kind="FILE", submission__isnull=False, account__isnull=True)
                        | Q(kind="ACCOUNT", submission__isnull=True, account__isnull=False)
                        | Q(kind="DRAFT", submission__isnull=True, account__isnull=True),
                        name="an_erasure_is_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=Q(files_removed_at__isnull=True) | Q(files=[]),
                        name="an_erasure_forgets_the_files_it_removed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ID,
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ACCESS", "Accès non autorisé"),
                            ("USE", "Utilisation non autorisée"),
                            ("DISCLOSURE", "Communication non autorisée"),
                            ("LOSS", "Perte"),
                            ("OTHER", "Autre atteinte"),
                        ],
                        max_length=16,
                        verbose_name="nature",
                    ),
                ),
                ("information", models.TextField(verbose_name="renseignements visés")),
                ("circumstances", models.TextField(verbose_name="circonstances")),
                ("happened", models.CharField(max_length=200, verbose_name="date ou période de l’incident")),
                ("known_on", models.DateField(verbose_name="connu le")),
                ("concerned", models.CharField(max_length=200, verbose_name="personnes concernées")),
                ("persons", models.PositiveIntegerField(verbose_name="nombre de personnes")),
                ("is_approximate", models.BooleanField(default=False, verbose_name="nombre approximatif")),
                (
                    "risk",
                    models.CharField(
                        choices=[
                            ("UNKNOWN", "À évaluer"),
                            ("NOT_SERIOUS", "Aucun risque sérieux"),
                            ("SERIOUS", "Risque sérieux"),
                        ],
                        max_length=16,
                        verbose_name="risque de préjudice sérieux",
                    ),
                ),
                ("assessment", models.TextField(blank=True, verbose_name="éléments de l’évaluation")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=TransactionNow(), editable=False, verbose_name="inscrit le"
                    ),
                ),
                ("author", user(verbose_name="inscrit par")),
            ],
            options={
                "verbose_name": "incident de confidentialité",
                "verbose_name_plural": "incidents de confidentialité",
                "permissions": [
                    (
                        "read_registers",
                        "Peut lire les registres de la protection des renseignements personnels",
                    )
                ],
                "default_permissions": ("add", "view"),
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(kind__in=["ACCESS", "USE", "DISCLOSURE", "LOSS", "OTHER"]),
                        name="incident_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(risk__in=["UNKNOWN", "NOT_SERIOUS", "SERIOUS"]),
                        name="incident_risk_is_known",
                    ),
                    models.CheckConstraint(
                        condition=~Q(information="")
                        & ~Q(circumstances="")
                        & ~Q(happened="")
                        & ~Q(concerned=""),
                        name="an_incident_says_what_happened",
                    ),
                    models.CheckConstraint(
                        condition=Q(risk="UNKNOWN") | ~Q(assessment=""),
                        name="an_assessed_incident_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IncidentUpdate",
            fields=[
                ID,
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ASSESSED", "Risque évalué"),
                            ("MEASURE", "Mesure prise"),
                            ("COMMISSION_NOTIFIED", "Avis à la Commission d’accès à l’information"),
                            ("PERSONS_NOTIFIED", "Avis aux personnes concernées"),
                            ("PUBLIC_NOTICE", "Avis public"),
                            ("CORRECTION", "Précision ou correction"),
                            ("CLOSED", "Dossier fermé"),
                        ],
                        max_length=24,
                        verbose_name="genre",
                    ),
                ),
                ("done_on", models.DateField(verbose_name="date")),
                ("text", models.TextField(verbose_name="description")),
                (
                    "risk",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("UNKNOWN", "À évaluer"),
                            ("NOT_SERIOUS", "Aucun risque sérieux"),
                            ("SERIOUS", "Risque sérieux"),
                        ],
                        max_length=16,
                        verbose_name="risque",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=TransactionNow(), editable=False, verbose_name="inscrit le"
                    ),
                ),
                ("author", user(verbose_name="inscrit par")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=RESTRICT,
                        related_name="updates",
                        to="privacy.incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "suite d’un incident",
                "verbose_name_plural": "suites d’un incident",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            kind__in=[
                                "ASSESSED",
                                "MEASURE",
                                "COMMISSION_NOTIFIED",
                                "PERSONS_NOTIFIED",
                                "PUBLIC_NOTICE",
                                "CORRECTION",
                                "CLOSED",
                            ]
                        ),
                        name="incident_update_kind_is_known",
                    ),
                    models.CheckConstraint(condition=~Q(text=""), name="an_incident_update_says_something"),
                    models.CheckConstraint(
                        condition=Q(kind="ASSESSED", risk__in=["NOT_SERIOUS", "SERIOUS"])
                        | (~Q(kind="ASSESSED") & Q(risk="")),
                        name="an_assessment_and_no_other_update_has_a_risk",
                    ),
                    models.UniqueConstraint(
                        condition=Q(kind="CLOSED"),
                        fields=("incident",),
                        name="an_incident_is_closed_once",
                    ),
                ],
            },
        ),
        load_sql(__file__, "erasure_is_under_way"),
        load_sql(__file__, "stamp_retention_rule"),
        append_only("privacy_retentionrule"),
        append_only("privacy_incident"),
        append_only("privacy_incidentupdate"),
        load_sql(__file__, "stamp_legal_hold"),
        load_sql(__file__, "keep_legal_hold"),
        load_sql(__file__, "keep_erasure"),
        load_sql(__file__, "addresses_of_account"),
        load_sql(__file__, "mails_of_account"),
        load_sql(__file__, "names_the_person"),
        load_sql(__file__, "retention_of"),
        load_sql(__file__, "erase_mails"),
        load_sql(__file__, "erase_journal_details"),
        load_sql(__file__, "erase_submission", "1.0.0"),
        load_sql(__file__, "erase_account"),
        migrations.RunSQL(
            [
                f'REVOKE UPDATE, DELETE, TRUNCATE ON privacy_legalhold FROM "{ROLE}"',
                f'GRANT UPDATE (lifted_by_id, lifted_at, lift_reason) ON privacy_legalhold TO "{ROLE}"',
                f'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON privacy_erasure FROM "{ROLE}"',
                f'GRANT UPDATE (files, files_removed_at) ON privacy_erasure TO "{ROLE}"',
                "REVOKE EXECUTE ON FUNCTION erase_submission, erase_account FROM PUBLIC",
                "REVOKE EXECUTE ON FUNCTION erase_mails, erase_journal_details FROM PUBLIC",
                f'GRANT EXECUTE ON FUNCTION erase_submission, erase_account TO "{ROLE}"',
            ]
        ),
    ]
