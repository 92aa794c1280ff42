"""Committees, their conflicts of interest, the files that they read, and their marks."""

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models
from django.db.models import F, Q

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))
MARKS = [
    (0, "Hors sujet"),
    (1, "Faible"),
    (2, "Passable"),
    (3, "Bonne"),
    (4, "Très bonne"),
    (5, "Excellente"),
]
ROLE = settings.APPLICATION_ROLE


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("offers", "0002_criteria_and_history"),
        ("submissions", "0002_reviews_delays_and_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CommitteeMember",
            fields=[
                ID,
                ("added_at", models.DateTimeField("depuis le", db_default=TransactionNow(), editable=False)),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.RESTRICT, related_name="committee", verbose_name="offre"
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="committees",
                        verbose_name="membre du comité",
                    ),
                ),
            ],
            options={
                "verbose_name": "membre d’un comité",
                "verbose_name_plural": "membres des comités",
                "default_permissions": ("add", "delete", "view"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("offer", "reviewer"),
                        name="a_person_sits_once_on_a_committee",
                        violation_error_message="Cette personne siège déjà au comité de cette offre.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Conflict",
            fields=[
                ID,
                ("reason", models.CharField("lien avec la personne", max_length=250, blank=True)),
                (
                    "declared_at",
                    models.DateTimeField("déclaré le", db_default=TransactionNow(), editable=False),
                ),
                ("lifted_at", models.DateTimeField("levé le", null=True, blank=True, editable=False)),
                ("lift_reason", models.CharField("motif de la levée", max_length=250, blank=True)),
                (
                    "declared_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="+",
                        verbose_name="déclaré par",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        blank=True,
                        null=True,
                        related_name="+",
                        verbose_name="levé par",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="conflicts",
                        verbose_name="membre du comité",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        "submissions.submission",
                        models.RESTRICT,
                        related_name="conflicts",
                        verbose_name="candidature",
                    ),
                ),
            ],
            options={
                "verbose_name": "conflit d’intérêts",
                "verbose_name_plural": "conflits d’intérêts",
                "default_permissions": ("view",),
                "permissions": [("lift_conflict", "Peut lever un conflit d’intérêts")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("submission", "reviewer"),
                        condition=Q(lifted_at__isnull=True),
                        name="a_standing_conflict_is_declared_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(lift_reason="", lifted_at__isnull=True, lifted_by__isnull=True)
                        | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")),
                        name="a_lifted_conflict_says_who_when_and_why",
                    ),
                    models.CheckConstraint(
                        condition=Q(lifted_by__isnull=True) | ~Q(lifted_by=F("reviewer")),
                        name="nobody_lifts_their_own_conflict",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ID,
                (
                    "way",
                    models.CharField(
                        "comment",
                        max_length=4,
                        choices=[
                            ("HAND", "À la main"),
                            ("FILE", "Par fichier"),
                            ("EVEN", "Répartition égale"),
                        ],
                    ),
                ),
                ("due_on", models.DateField("échéance", null=True, blank=True)),
                (
                    "assigned_at",
                    models.DateTimeField("attribuée le", db_default=TransactionNow(), editable=False),
                ),
                (
                    "assigned_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="+",
                        verbose_name="attribuée par",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="assignments",
                        verbose_name="membre du comité",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey("submissions.submission", models.RESTRICT, related_name="assignments"),
                ),
                ("told_at", models.DateTimeField("annoncée le", null=True, blank=True, editable=False)),
            ],
            options={
                "verbose_name": "dossier attribué",
                "verbose_name_plural": "dossiers attribués",
                "permissions": [("assign_submission", "Peut attribuer des dossiers aux membres d’un comité")],
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        fields=["reviewer"], condition=Q(told_at=None), name="assignments_to_be_told"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("submission", "reviewer"), name="a_file_is_assigned_to_a_person_once"
                    ),
                    models.CheckConstraint(
                        condition=Q(way__in=["HAND", "FILE", "EVEN"]), name="assignment_way_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                ID,
                ("claimed_at", models.DateTimeField("depuis", db_default=TransactionNow(), editable=False)),
                ("expires_at", models.DateTimeField("jusqu’à")),
                (
                    "holder",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="claims",
                        verbose_name="pris en charge par",
                    ),
                ),
                (
                    "submission",
                    models.OneToOneField("submissions.submission", models.CASCADE, related_name="claim"),
                ),
            ],
            options={
                "verbose_name": "dossier pris en charge",
                "verbose_name_plural": "dossiers pris en charge",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(condition=Q(expires_at__gt=F("claimed_at")), name="a_claim_lasts")
                ],
            },
        ),
        migrations.CreateModel(
            name="BlindReading",
            fields=[
                ID,
                ("begun_at", models.DateTimeField("depuis le", db_default=TransactionNow(), editable=False)),
                ("ended_at", models.DateTimeField("levée le", null=True, blank=True, editable=False)),
                (
                    "begun_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="+",
                        verbose_name="demandée par",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        blank=True,
                        null=True,
                        related_name="+",
                        verbose_name="levée par",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.RESTRICT, related_name="blind_readings", verbose_name="offre"
                    ),
                ),
            ],
            options={
                "verbose_name": "évaluation anonyme",
                "verbose_name_plural": "évaluations anonymes",
                "permissions": [
                    ("set_blind_reading", "Peut demander ou terminer l’évaluation anonyme d’une offre")
                ],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("offer",),
                        condition=Q(ended_at__isnull=True),
                        name="an_offer_is_read_blind_once_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                        | Q(ended_at__isnull=False, ended_by__isnull=False),
                        name="a_blind_reading_that_ended_says_who_ended_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ID,
                ("mark", models.PositiveSmallIntegerField("note", choices=MARKS, null=True, blank=True)),
                ("note", models.TextField("commentaire", blank=True)),
                ("version", models.PositiveIntegerField("version")),
                ("saved_at", models.DateTimeField("enregistrée le")),
                (
                    "filing",
                    models.ForeignKey("submissions.filing", models.RESTRICT, related_name="assessments"),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="assessments",
                        verbose_name="membre du comité",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey("submissions.submission", models.RESTRICT, related_name="assessments"),
                ),
                ("submitted_at", models.DateTimeField("remise le", null=True, blank=True)),
                (
                    "score",
                    models.DecimalField("résultat", max_digits=4, decimal_places=3, null=True, blank=True),
                ),
                (
                    "first_score",
                    models.DecimalField(
                        max_digits=4, decimal_places=3, null=True, blank=True, editable=False
                    ),
                ),
            ],
            options={
                "verbose_name": "évaluation",
                "verbose_name_plural": "évaluations",
                "permissions": [("assess_submission", "Peut noter une candidature de son comité")],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("submission", "reviewer"), name="a_reviewer_assesses_a_submission_once"
                    ),
                    models.CheckConstraint(
                        condition=Q(mark__isnull=True) | Q(mark__gte=0, mark__lte=5),
                        name="a_mark_is_from_zero_to_five",
                    ),
                    models.CheckConstraint(
                        condition=Q(version__gte=1), name="an_assessment_counts_its_saves"
                    ),
                    models.CheckConstraint(
                        condition=Q(first_score__isnull=True, score__isnull=True, submitted_at__isnull=True)
                        | Q(
                            first_score__gte=0,
                            first_score__isnull=False,
                            first_score__lte=5,
                            score__gte=0,
                            score__isnull=False,
                            score__lte=5,
                            submitted_at__isnull=False,
                        ),
                        name="a_submitted_assessment_alone_has_a_score",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LineMark",
            fields=[
                ID,
                ("mark", models.PositiveSmallIntegerField("note", choices=MARKS, null=True, blank=True)),
                ("remark", models.CharField("remarque", max_length=500, blank=True)),
                (
                    "assessment",
                    models.ForeignKey("review.assessment", models.CASCADE, related_name="line_marks"),
                ),
                ("line", models.ForeignKey("offers.gridline", models.RESTRICT, related_name="+")),
            ],
            options={
                "verbose_name": "note d’une ligne",
                "verbose_name_plural": "notes par ligne",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("assessment", "line"), name="an_assessment_marks_a_line_once"
                    ),
                    models.CheckConstraint(
                        condition=Q(mark__isnull=True) | Q(mark__gte=0, mark__lte=5),
                        name="a_line_mark_is_from_zero_to_five",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LineWeight",
            fields=[
                ID,
                ("weight", models.PositiveSmallIntegerField("pondération")),
                ("line", models.OneToOneField("offers.gridline", models.CASCADE, related_name="weight")),
            ],
            options={
                "verbose_name": "pondération",
                "verbose_name_plural": "pondérations",
                "default_permissions": ("change",),
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(weight__gte=0, weight__lte=10), name="a_weight_is_from_zero_to_ten"
                    )
                ],
            },
        ),
        # A conflict is lifted, and nothing else of it changes.
        migrations.RunSQL(
            [
                f'REVOKE UPDATE, DELETE, TRUNCATE ON review_conflict FROM "{ROLE}"',
                f'GRANT UPDATE (lifted_by_id, lifted_at, lift_reason) ON review_conflict TO "{ROLE}"',
            ],
            f'GRANT UPDATE, DELETE ON review_conflict TO "{ROLE}"',
        ),
    ]
