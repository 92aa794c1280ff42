"""Offers, each of a programme, and what they ask for."""

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Concat

from intake.base.sql_files import load_sql

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))
KINDS_OF_DOCUMENTS = [
    ("CV", "Curriculum vitæ"),
    ("MOTIVATION_LETTER", "Lettre de motivation"),
    ("TRANSCRIPT", "Relevé de notes"),
    ("ENROLMENT_PROOF", "Preuve d’inscription ou diplôme"),
    ("RECOMMENDATION", "Lettre de recommandation"),
    ("OTHER", "Autre document"),
]
KINDS_OF_SECTIONS = [
    ("MANDATE", "Mandat"),
    ("TASKS", "Tâches"),
    ("SKILLS", "Compétences et expérience"),
    ("ELIGIBILITY", "Admissibilité"),
    ("HEALTH", "Situation sanitaire"),
    ("OTHER", "Autre"),
]


def _create_first_programme(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("offers", "Programme").objects.using(editor.connection.alias).create(
        code="STAGES-OIG", name="Stages en organisations internationales gouvernementales"
    )


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        # Trusted since PostgreSQL 13: the database's owner may create it.
        TrigramExtension(),
        # It has its own list of letters: unaccent reads its rules from a file of the server, which a function that
        # indexes rest on must not. Its collation is PostgreSQL's own, which folds case alike on every machine.
        load_sql(__file__, "fold_text"),
        migrations.CreateModel(
            name="Programme",
            fields=[
                ID,
                (
                    "code",
                    models.CharField(
                        "code",
                        max_length=20,
                        unique=True,
                        help_text="Par exemple BOURSE-ARTISTES. Il ne change plus ensuite.",
                    ),
                ),
                ("name", models.CharField("nom du programme", max_length=200)),
                (
                    "dates_label",
                    models.CharField(
                        "libellé des dates",
                        max_length=60,
                        blank=True,
                        help_text="Par exemple « Dates du séjour ».",
                    ),
                ),
                (
                    "allowance_label",
                    models.CharField(
                        "libellé du montant",
                        max_length=60,
                        blank=True,
                        help_text="Par exemple « Montant de la bourse ».",
                    ),
                ),
                (
                    "at_start",
                    models.CharField(
                        "le début, dans une phrase",
                        max_length=60,
                        blank=True,
                        help_text="Par exemple « au début du séjour ».",
                    ),
                ),
                (
                    "lead",
                    models.CharField(
                        "ce que le programme offre",
                        max_length=250,
                        blank=True,
                        help_text="Une phrase : ce qui est offert, et à qui.",
                    ),
                ),
                (
                    "next_steps",
                    models.CharField(
                        "ce qui suit l’étude des candidatures",
                        max_length=250,
                        blank=True,
                        help_text="Une ou deux phrases : entrevues, choix final, dates.",
                    ),
                ),
            ],
            options={
                "verbose_name": "programme",
                "verbose_name_plural": "programmes",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(code__regex="^[A-Z0-9]+(-[A-Z0-9]+)*$"),
                        name="programme_code_is_a_code",
                        violation_error_message="Un code contient des majuscules sans accent, des chiffres et des traits d’union.",
                    ),
                    models.CheckConstraint(condition=~Q(name=""), name="programme_has_a_name"),
                    models.CheckConstraint(
                        condition=(
                            ~Q(dates_label="")
                            & ~Q(allowance_label="")
                            & ~Q(at_start="")
                            & ~Q(lead="")
                            & ~Q(next_steps="")
                        )
                        | (
                            Q(code="STAGES-OIG")
                            & Q(allowance_label="", at_start="", dates_label="", lead="", next_steps="")
                        ),
                        name="programme_says_all_its_words",
                        violation_error_message="Il manque des textes : un programme doit les avoir tous.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                ID,
                ("public_id", models.UUIDField(unique=True, default=uuid.uuid4, editable=False)),
                (
                    "number",
                    models.CharField(
                        "numéro",
                        max_length=20,
                        null=True,
                        blank=True,
                        help_text="Par exemple 2027-020. Une offre sans numéro reste un brouillon.",
                    ),
                ),
                ("organisation", models.CharField("organisation", max_length=250)),
                (
                    "organisation_short",
                    models.CharField("sigle", max_length=40, blank=True, help_text="Par exemple UNESCO."),
                ),
                ("domain", models.CharField("domaine", max_length=250, blank=True)),
                ("starts_on", models.DateField("premier jour")),
                ("ends_on", models.DateField("dernier jour")),
                (
                    "allowance_min",
                    models.DecimalField(
                        "allocation minimale", max_digits=9, decimal_places=2, null=True, blank=True
                    ),
                ),
                (
                    "allowance_max",
                    models.DecimalField(
                        "allocation maximale", max_digits=9, decimal_places=2, null=True, blank=True
                    ),
                ),
                (
                    "currency",
                    models.CharField("monnaie", max_length=3, default="CAD", help_text="Code ISO 4217."),
                ),
                ("place", models.CharField("lieu", max_length=250, blank=True)),
                ("remote_possible", models.BooleanField("télétravail possible", default=False)),
                ("opens_at", models.DateTimeField("ouverture")),
                (
                    "closes_on",
                    models.DateField(
                        "date limite d’inscription",
                        help_text="La date inscrite dans l’offre, le jour entier.",
                    ),
                ),
                (
                    "closes_at",
                    models.DateTimeField(
                        "heure de fermeture",
                        help_text="Heure de fermeture : habituellement minuit, à la fin du jour de la date limite.",
                    ),
                ),
                ("time_zone", models.CharField("fuseau horaire", max_length=60, default="America/Toronto")),
                ("funder", models.CharField("bailleur de fonds", max_length=250, blank=True)),
                ("contact_unit", models.CharField("unité à joindre", max_length=250, blank=True)),
                ("contact_phone", models.CharField("téléphone", max_length=40, blank=True)),
                ("contact_extension", models.CharField("poste", max_length=10, blank=True)),
                ("contact_email", models.EmailField("courriel", max_length=254, blank=True)),
                (
                    "contact_confirmed_at",
                    models.DateTimeField(
                        "courriel confirmé",
                        null=True,
                        blank=True,
                        help_text="Rien n’est envoyé à ce courriel avant cette confirmation.",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        "statut",
                        max_length=10,
                        choices=[("DRAFT", "Brouillon"), ("PUBLISHED", "Publiée"), ("CANCELLED", "Annulée")],
                        default="DRAFT",
                    ),
                ),
                (
                    "listed",
                    models.BooleanField(
                        "visible dans la liste",
                        default=True,
                        help_text="Une offre non visible sert aux essais.",
                    ),
                ),
                ("published_at", models.DateTimeField("publiée", null=True, blank=True, editable=False)),
                ("created_at", models.DateTimeField("créée", editable=False)),
                (
                    "programme",
                    models.ForeignKey(
                        "offers.programme", models.PROTECT, related_name="offers", verbose_name="programme"
                    ),
                ),
                (
                    "closed_at_before",
                    models.DateTimeField(
                        "heure de fermeture avant la prolongation", null=True, editable=False
                    ),
                ),
                (
                    "search_text",
                    models.GeneratedField(
                        expression=Func(
                            Concat(
                                Coalesce(F("number"), Value("")),
                                Value(" "),
                                F("organisation"),
                                Value(" "),
                                F("organisation_short"),
                                Value(" "),
                                F("domain"),
                                Value(" "),
                                F("place"),
                            ),
                            function="fold_text",
                            output_field=models.TextField(),
                        ),
                        output_field=models.TextField(),
                        db_persist=True,
                    ),
                ),
            ],
            options={
                "verbose_name": "offre",
                "verbose_name_plural": "offres",
                "permissions": [("publish_offer", "Peut publier une offre")],
                "indexes": [
                    GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="offers_by_trigrams")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("number",),
                        name="offer_number_is_unique",
                        violation_error_message="Une autre offre porte déjà ce numéro.",
                    ),
                    models.CheckConstraint(
                        condition=Q(number__isnull=True) | Q(number__regex="^[0-9A-Za-z]+(-[0-9A-Za-z]+)*$"),
                        name="offer_number_fits_an_address",
                        violation_error_message="Un numéro contient des chiffres, des lettres et des traits d’union.",
                    ),
                    models.CheckConstraint(
                        condition=~Q(organisation=""),
                        name="offer_names_its_organisation",
                        violation_error_message="L’organisation manque.",
                    ),
                    models.CheckConstraint(
                        condition=Q(ends_on__gt=F("starts_on")),
                        name="offer_ends_after_it_starts",
                        violation_error_message="Le stage doit finir après son début.",
                    ),
                    models.CheckConstraint(
                        condition=Q(closes_at__gt=F("opens_at")),
                        name="offer_closes_after_it_opens",
                        violation_error_message="L’offre doit fermer après son ouverture.",
                    ),
                    models.CheckConstraint(
                        condition=Q(allowance_max__isnull=True, allowance_min__isnull=True)
                        | Q(
                            allowance_max__isnull=False,
                            allowance_min__gte=0,
                            allowance_min__isnull=False,
                            allowance_min__lte=F("allowance_max"),
                        ),
                        name="offer_allowance_goes_from_least_to_most",
                        violation_error_message="L’allocation va du plus petit montant au plus grand, ou reste vide.",
                    ),
                    models.CheckConstraint(
                        condition=Q(currency__regex="^[A-Z]{3}$"),
                        name="offer_currency_is_a_three_letter_code",
                        violation_error_message="La monnaie est un code de trois lettres majuscules, comme CAD.",
                    ),
                    models.CheckConstraint(
                        condition=Q(time_zone__regex="^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$"),
                        name="offer_time_zone_is_an_area_and_a_city",
                        violation_error_message="Le fuseau horaire a la forme America/Toronto.",
                    ),
                    models.CheckConstraint(
                        condition=Q(status__in=["DRAFT", "PUBLISHED", "CANCELLED"]),
                        name="offer_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(published_at__isnull=True, status="DRAFT")
                        | (
                            Q(
                                number__isnull=False,
                                published_at__isnull=False,
                                status__in=["PUBLISHED", "CANCELLED"],
                            )
                            & (~Q(contact_email="") | ~Q(contact_phone=""))
                        ),
                        name="published_offer_has_number_contact_and_instant",
                        violation_error_message="Une offre publiée a un numéro, un contact et une date de publication.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentRequest",
            fields=[
                ID,
                ("position", models.PositiveSmallIntegerField("rang")),
                ("kind", models.CharField("nature", max_length=20, choices=KINDS_OF_DOCUMENTS)),
                ("label", models.CharField("libellé", max_length=120)),
                ("hint", models.CharField("précision", max_length=250, blank=True)),
                ("required", models.BooleanField("obligatoire", default=True)),
                ("max_pages", models.PositiveSmallIntegerField("pages au plus")),
                ("max_bytes", models.PositiveIntegerField("octets au plus", default=10485760)),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.CASCADE, related_name="documents", verbose_name="offre"
                    ),
                ),
            ],
            options={
                "verbose_name": "document demandé",
                "verbose_name_plural": "documents demandés",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("offer", "position"), name="offer_documents_have_distinct_positions"
                    ),
                    models.UniqueConstraint(
                        fields=("offer", "kind"),
                        condition=~Q(kind__in=["RECOMMENDATION", "OTHER"]),
                        name="offer_asks_for_a_kind_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(kind__in=[kind for kind, _label in KINDS_OF_DOCUMENTS]),
                        name="document_kind_is_known",
                    ),
                    models.CheckConstraint(condition=~Q(label=""), name="document_has_a_label"),
                    models.CheckConstraint(
                        condition=Q(max_bytes__gte=1, max_pages__gte=1),
                        name="document_limits_leave_room_for_one_page",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Section",
            fields=[
                ID,
                ("position", models.PositiveSmallIntegerField("rang")),
                ("kind", models.CharField("nature", max_length=12, choices=KINDS_OF_SECTIONS)),
                ("title", models.CharField("titre", max_length=250, blank=True)),
                (
                    "text",
                    models.TextField(
                        "texte",
                        blank=True,
                        help_text="Une ligne vide sépare les paragraphes ; « • » commence un élément, deux espaces l’emboîtent.",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        "offers.offer", models.CASCADE, related_name="sections", verbose_name="offre"
                    ),
                ),
            ],
            options={
                "verbose_name": "section",
                "verbose_name_plural": "sections",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("offer", "position"), name="offer_sections_have_distinct_positions"
                    ),
                    models.CheckConstraint(
                        condition=Q(kind__in=[kind for kind, _label in KINDS_OF_SECTIONS]),
                        name="section_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=~Q(title="") | ~Q(text=""), name="section_says_something"
                    ),
                ],
            },
        ),
        # The portal itself says the words of this one.
        migrations.RunPython(_create_first_programme, migrations.RunPython.noop),
        load_sql(__file__, "offers_keep_published_offer"),
        load_sql(__file__, "offers_keep_closing_before"),
    ]
