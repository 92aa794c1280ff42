"""Criteria, grid and history of an offer, the rules that keep what candidates have read; synonyms of the search."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.core.validators import MinValueValidator
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F, Q

from intake.base.sql_files import load_sql

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))
KINDS_OF_CHANGES = [
    ("IMPORTED", "Importée d’un texte publié"),
    ("POINT_SETTLED", "Point réglé"),
    ("MAILBOX_CONFIRMED", "Courriel de contact confirmé"),
    ("PUBLISHED", "Publiée"),
    ("CORRECTED", "Corrigée"),
    ("RULES_CHANGED", "Critères remplacés"),
    ("EXTENDED", "Date limite prolongée"),
    ("CANCEL_ASKED", "Annulation demandée"),
    ("CANCEL_REFUSED", "Annulation refusée"),
    ("CANCEL_WITHDRAWN", "Demande d’annulation retirée"),
    ("CANCELLED", "Annulée"),
]
ROLE = settings.APPLICATION_ROLE
# Without « UN » for the United Nations: every other French text has that word.
FIRST_GROUPS = (
    ("IA", "intelligence artificielle", "AI", "artificial intelligence"),
    ("ONU", "Nations Unies", "Organisation des Nations Unies", "United Nations"),
    (
        "UNESCO",
        "Organisation des Nations Unies pour l’éducation, la science et la culture",
        "United Nations Educational, Scientific and Cultural Organization",
    ),
    (
        "FAO",
        "Organisation des Nations Unies pour l’alimentation et l’agriculture",
        "Food and Agriculture Organization",
    ),
    ("OMS", "Organisation mondiale de la santé", "WHO", "World Health Organization"),
    (
        "OIF",
        "Organisation internationale de la Francophonie",
        "International Organisation of La Francophonie",
    ),
    (
        "OIM",
        "Organisation internationale pour les migrations",
        "IOM",
        "International Organization for Migration",
    ),
    ("OIT", "Organisation internationale du travail", "ILO", "International Labour Organization"),
    ("OCDE", "Organisation de coopération et de développement économiques", "OECD"),
    ("HCDH", "Haut-Commissariat des Nations Unies aux droits de l’homme", "OHCHR"),
)


def _create_first_groups(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    groups = apps.get_model("offers", "SynonymGroup").objects.using(editor.connection.alias)
    for terms in FIRST_GROUPS:
        groups.create(terms=list(terms))


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0001_offers_and_programmes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RulebookVersion",
            fields=[
                ID,
                ("number", models.PositiveSmallIntegerField("version", validators=[MinValueValidator(1)])),
                ("criteria", models.JSONField("critères")),
                ("schema", models.PositiveSmallIntegerField("schéma", default=1)),
                ("starts_on", models.DateField("premier jour", null=True, blank=True)),
                ("closes_on", models.DateField("date limite d’inscription", null=True, blank=True)),
                ("digest", models.CharField("empreinte", max_length=80, blank=True)),
                ("reason", models.CharField("motif", max_length=250, blank=True)),
                ("created_at", models.DateTimeField("créée")),
                ("published_at", models.DateTimeField("publiée", null=True, blank=True)),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.CASCADE, related_name="rulebooks", verbose_name="offre"
                    ),
                ),
            ],
            options={
                "verbose_name": "version des critères",
                "verbose_name_plural": "versions des critères",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("offer", "number"), name="offer_rulebooks_have_distinct_numbers"
                    ),
                    models.CheckConstraint(condition=Q(number__gte=1), name="rulebook_numbers_start_at_one"),
                    models.CheckConstraint(
                        condition=Q(
                            closes_on__isnull=True,
                            digest="",
                            published_at__isnull=True,
                            starts_on__isnull=True,
                        )
                        | Q(
                            closes_on__isnull=False,
                            digest__startswith="sha256:",
                            published_at__isnull=False,
                            starts_on__isnull=False,
                        ),
                        name="published_rulebook_is_dated_and_digested",
                    ),
                    models.CheckConstraint(
                        condition=Q(number=1) | ~Q(reason=""), name="later_rulebook_says_why_it_replaces"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GridLine",
            fields=[
                ID,
                ("position", models.PositiveSmallIntegerField("rang")),
                ("text", models.TextField("texte")),
                (
                    "requirement",
                    models.CharField(
                        "exigence",
                        max_length=10,
                        choices=[("REQUIRED", "Exigé"), ("ASSET", "Atout")],
                        default="REQUIRED",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.CASCADE, related_name="grid_lines", verbose_name="offre"
                    ),
                ),
            ],
            options={
                "verbose_name": "ligne de la grille",
                "verbose_name_plural": "grille d’évaluation",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("offer", "position"), name="offer_grid_lines_have_distinct_positions"
                    ),
                    models.CheckConstraint(
                        condition=Q(requirement__in=["REQUIRED", "ASSET"]),
                        name="grid_line_requirement_is_known",
                    ),
                    models.CheckConstraint(condition=~Q(text=""), name="grid_line_says_something"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferChange",
            fields=[
                ID,
                ("kind", models.CharField("action", max_length=20, choices=KINDS_OF_CHANGES)),
                ("at", models.DateTimeField("date et heure")),
                ("reason", models.CharField("motif", max_length=250, blank=True)),
                ("details", models.TextField("ce qui a changé", blank=True)),
                (
                    "author",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.PROTECT,
                        blank=True,
                        null=True,
                        related_name="+",
                        help_text="Vide pour une commande du système.",
                        verbose_name="auteur",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.CASCADE, related_name="changes", verbose_name="offre"
                    ),
                ),
            ],
            options={
                "verbose_name": "modification",
                "verbose_name_plural": "modifications",
                "default_permissions": ("add", "view"),
                "indexes": [models.Index(fields=["offer", "at"], name="changes_of_an_offer")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(kind__in=[kind for kind, _label in KINDS_OF_CHANGES]),
                        name="offer_change_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=~Q(kind__in=["CORRECTED", "RULES_CHANGED", "EXTENDED", "CANCELLED"])
                        | ~Q(reason=""),
                        name="offer_change_that_candidates_feel_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferExtension",
            fields=[
                ID,
                ("at", models.DateTimeField("décidée", db_default=TransactionNow(), editable=False)),
                ("reason", models.CharField("motif", max_length=250)),
                ("closed_at_before", models.DateTimeField("fermeture prévue avant")),
                ("closes_at", models.DateTimeField("nouvelle fermeture")),
                (
                    "author",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="auteur"
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.CASCADE, related_name="extensions", verbose_name="offre"
                    ),
                ),
            ],
            options={
                "verbose_name": "prolongation",
                "verbose_name_plural": "prolongations",
                "default_permissions": ("add", "view"),
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(closes_at__gt=F("closed_at_before")), name="extension_closes_only_later"
                    ),
                    models.CheckConstraint(condition=~Q(reason=""), name="extension_says_why"),
                    models.UniqueConstraint(
                        fields=("offer", "closes_at"), name="an_extension_is_written_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpenPoint",
            fields=[
                ID,
                ("position", models.PositiveSmallIntegerField("rang")),
                ("code", models.CharField("code", max_length=40)),
                ("excerpt", models.TextField("extrait", blank=True)),
                ("created_at", models.DateTimeField("créé", editable=False)),
                ("resolved_at", models.DateTimeField("réglé", null=True, blank=True, editable=False)),
                ("resolution", models.CharField("comment", max_length=250, blank=True)),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.CASCADE, related_name="points", verbose_name="offre"
                    ),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.PROTECT,
                        blank=True,
                        null=True,
                        editable=False,
                        related_name="+",
                        verbose_name="réglé par",
                    ),
                ),
            ],
            options={
                "verbose_name": "point à régler",
                "verbose_name_plural": "points à régler",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("offer", "position"), name="offer_points_have_distinct_positions"
                    ),
                    models.CheckConstraint(
                        condition=Q(code__regex="^[A-Z][A-Z0-9_]*$"), name="offer_point_code_is_a_code"
                    ),
                    models.CheckConstraint(
                        condition=Q(resolution="", resolved_at__isnull=True, resolved_by__isnull=True)
                        | (Q(resolved_at__isnull=False, resolved_by__isnull=False) & ~Q(resolution="")),
                        name="settled_offer_point_says_who_when_and_how",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SynonymGroup",
            fields=[
                ID,
                ("terms", ArrayField(models.CharField(max_length=100), size=None, verbose_name="termes")),
            ],
            options={
                "verbose_name": "groupe de synonymes",
                "verbose_name_plural": "synonymes de la recherche",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(terms__len__gte=2, terms__len__lte=20),
                        name="synonym_group_has_two_to_twenty_terms",
                    )
                ],
            },
        ),
        load_sql(__file__, "offers_keep_published_rulebook"),
        load_sql(__file__, "offers_keep_record"),
        load_sql(__file__, "offers_refuse_unsaid_extension"),
        load_sql(__file__, "offers_stamp_extension_and_refuse_earlier"),
        load_sql(__file__, "refuse_cancelling_alone"),
        load_sql(__file__, "offers_refuse_shared_synonym"),
        # Not DELETE: what was done to a draft goes with it.
        migrations.RunSQL(
            f'REVOKE UPDATE, TRUNCATE ON offers_offerchange, offers_offerextension FROM "{ROLE}"',
            f'GRANT UPDATE ON offers_offerchange, offers_offerextension TO "{ROLE}"',
        ),
        migrations.RunPython(_create_first_groups, migrations.RunPython.noop),
    ]
