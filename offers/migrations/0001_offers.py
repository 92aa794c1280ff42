import uuid

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Offer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "number",
                    models.CharField(
                        blank=True,
                        help_text="Par exemple 2027-020. Une offre sans numéro reste un brouillon.",
                        max_length=20,
                        null=True,
                        verbose_name="numéro",
                    ),
                ),
                ("organisation", models.CharField(max_length=250, verbose_name="organisation")),
                (
                    "organisation_short",
                    models.CharField(
                        blank=True, help_text="Par exemple UNESCO.", max_length=40, verbose_name="sigle"
                    ),
                ),
                ("domain", models.CharField(blank=True, max_length=250, verbose_name="domaine")),
                ("starts_on", models.DateField(verbose_name="début du stage")),
                ("ends_on", models.DateField(verbose_name="fin du stage")),
                (
                    "allowance_min",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=9,
                        null=True,
                        verbose_name="allocation minimale",
                    ),
                ),
                (
                    "allowance_max",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=9,
                        null=True,
                        verbose_name="allocation maximale",
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        default="CAD", help_text="Code ISO 4217.", max_length=3, verbose_name="monnaie"
                    ),
                ),
                ("place", models.CharField(blank=True, max_length=250, verbose_name="lieu")),
                ("remote_possible", models.BooleanField(default=False, verbose_name="télétravail possible")),
                ("opens_at", models.DateTimeField(verbose_name="ouverture")),
                (
                    "closes_on",
                    models.DateField(
                        help_text="Le jour écrit dans l’offre, compris en entier.",
                        verbose_name="date limite d’inscription",
                    ),
                ),
                (
                    "closes_at",
                    models.DateTimeField(
                        help_text="Premier instant où l’on ne peut plus déposer : d’habitude 0 h le lendemain du jour écrit.",
                        verbose_name="instant de fermeture",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(default="America/Toronto", max_length=60, verbose_name="fuseau horaire"),
                ),
                ("funder", models.CharField(blank=True, max_length=250, verbose_name="bailleur de fonds")),
                (
                    "contact_unit",
                    models.CharField(blank=True, max_length=250, verbose_name="unité à joindre"),
                ),
                ("contact_phone", models.CharField(blank=True, max_length=40, verbose_name="téléphone")),
                ("contact_extension", models.CharField(blank=True, max_length=10, verbose_name="poste")),
                ("contact_email", models.EmailField(blank=True, max_length=254, verbose_name="courriel")),
                (
                    "contact_confirmed_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Rien n’est envoyé à ce courriel avant cette confirmation.",
                        null=True,
                        verbose_name="courriel confirmé",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("DRAFT", "Brouillon"), ("PUBLISHED", "Publiée"), ("CANCELLED", "Annulée")],
                        default="DRAFT",
                        max_length=10,
                        verbose_name="statut",
                    ),
                ),
                (
                    "listed",
                    models.BooleanField(
                        default=True,
                        help_text="Une offre non visible sert aux essais.",
                        verbose_name="visible dans la liste",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="publiée"),
                ),
                ("created_at", models.DateTimeField(editable=False, verbose_name="créée")),
                (
                    "search_text",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            django.db.models.functions.text.Lower(
                                django.db.models.functions.text.Concat(
                                    django.db.models.functions.comparison.Coalesce(
                                        models.F("number"), models.Value("")
                                    ),
                                    models.Value(" "),
                                    models.F("organisation"),
                                    models.Value(" "),
                                    models.F("organisation_short"),
                                    models.Value(" "),
                                    models.F("domain"),
                                    models.Value(" "),
                                    models.F("place"),
                                )
                            ),
                            models.Value(
                                "àáâãäåçèéêëìíîïñòóôõöùúûüýÿÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸœŒæÆ’\xa0\u202f"
                            ),
                            models.Value("aaaaaaceeeeiiiinooooouuuuyyaaaaaaceeeeiiiinooooouuuuyyooaa'  "),
                            function="translate",
                        ),
                        output_field=models.TextField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "offre",
                "verbose_name_plural": "offres",
                "permissions": [("publish_offer", "Peut publier une offre")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("number",),
                        name="offer_number_is_unique",
                        violation_error_message="Une autre offre porte déjà ce numéro.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("number__isnull", True),
                            ("number__regex", "^[0-9A-Za-z]+(-[0-9A-Za-z]+)*$"),
                            _connector="OR",
                        ),
                        name="offer_number_fits_an_address",
                        violation_error_message="Un numéro s’écrit avec des chiffres, des lettres et des traits d’union.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("organisation", ""), _negated=True),
                        name="offer_names_its_organisation",
                        violation_error_message="L’organisation manque.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                        name="offer_ends_after_it_starts",
                        violation_error_message="Le stage doit finir après son début.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closes_at__gt", models.F("opens_at"))),
                        name="offer_closes_after_it_opens",
                        violation_error_message="L’offre doit fermer après son ouverture.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("allowance_max__isnull", True), ("allowance_min__isnull", True)),
                            models.Q(
                                ("allowance_max__isnull", False),
                                ("allowance_min__gte", 0),
                                ("allowance_min__isnull", False),
                                ("allowance_min__lte", models.F("allowance_max")),
                            ),
                            _connector="OR",
                        ),
                        name="offer_allowance_goes_from_least_to_most",
                        violation_error_message="L’allocation va du plus petit montant au plus grand, ou n’est pas dite.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")),
                        name="offer_currency_is_a_three_letter_code",
                        violation_error_message="La monnaie est un code de trois lettres majuscules, comme CAD.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("time_zone__regex", "^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$")),
                        name="offer_time_zone_is_an_area_and_a_city",
                        violation_error_message="Le fuseau horaire s’écrit comme America/Toronto.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["DRAFT", "PUBLISHED", "CANCELLED"])),
                        name="offer_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", True), ("status", "DRAFT")),
                            models.Q(
                                ("number__isnull", False),
                                ("published_at__isnull", False),
                                ("status__in", ["PUBLISHED", "CANCELLED"]),
                                models.Q(
                                    models.Q(("contact_email", ""), _negated=True),
                                    models.Q(("contact_phone", ""), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="published_offer_has_number_contact_and_instant",
                        violation_error_message="Une offre publiée a un numéro, un contact et un instant de publication.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="rang")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("CV", "Curriculum vitæ"),
                            ("MOTIVATION_LETTER", "Lettre de motivation"),
                            ("TRANSCRIPT", "Relevé de notes"),
                            ("ENROLMENT_PROOF", "Preuve d’inscription ou diplôme"),
                            ("RECOMMENDATION", "Lettre de recommandation"),
                            ("OTHER", "Autre document"),
                        ],
                        max_length=20,
                        verbose_name="nature",
                    ),
                ),
                ("label", models.CharField(max_length=120, verbose_name="libellé")),
                ("hint", models.CharField(blank=True, max_length=250, verbose_name="précision")),
                ("required", models.BooleanField(default=True, verbose_name="obligatoire")),
                ("max_pages", models.PositiveSmallIntegerField(verbose_name="pages au plus")),
                ("max_bytes", models.PositiveIntegerField(default=10485760, verbose_name="octets au plus")),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="offers.offer",
                        verbose_name="offre",
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
                        condition=models.Q(("kind__in", ["RECOMMENDATION", "OTHER"]), _negated=True),
                        fields=("offer", "kind"),
                        name="offer_asks_for_a_kind_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "CV",
                                    "MOTIVATION_LETTER",
                                    "TRANSCRIPT",
                                    "ENROLMENT_PROOF",
                                    "RECOMMENDATION",
                                    "OTHER",
                                ],
                            )
                        ),
                        name="document_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("label", ""), _negated=True), name="document_has_a_label"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("max_bytes__gte", 1), ("max_pages__gte", 1)),
                        name="document_limits_leave_room_for_one_page",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RulebookVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)], verbose_name="version"
                    ),
                ),
                ("criteria", models.JSONField(verbose_name="critères")),
                ("schema", models.PositiveSmallIntegerField(default=1, verbose_name="schéma")),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="début du stage")),
                (
                    "closes_on",
                    models.DateField(blank=True, null=True, verbose_name="date limite d’inscription"),
                ),
                ("digest", models.CharField(blank=True, max_length=80, verbose_name="empreinte")),
                ("reason", models.CharField(blank=True, max_length=250, verbose_name="motif")),
                ("created_at", models.DateTimeField(verbose_name="créée")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="publiée")),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rulebooks",
                        to="offers.offer",
                        verbose_name="offre",
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
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="rulebook_numbers_start_at_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closes_on__isnull", True),
                                ("digest", ""),
                                ("published_at__isnull", True),
                                ("starts_on__isnull", True),
                            ),
                            models.Q(
                                ("closes_on__isnull", False),
                                ("digest__startswith", "sha256:"),
                                ("published_at__isnull", False),
                                ("starts_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="published_rulebook_is_dated_and_digested",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("number", 1), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="later_rulebook_says_why_it_replaces",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Section",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="rang")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("MANDATE", "Mandat"),
                            ("TASKS", "Tâches"),
                            ("SKILLS", "Compétences et expérience"),
                            ("ELIGIBILITY", "Admissibilité"),
                            ("HEALTH", "Situation sanitaire"),
                            ("OTHER", "Autre"),
                        ],
                        max_length=12,
                        verbose_name="nature",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=250, verbose_name="titre")),
                (
                    "text",
                    models.TextField(
                        blank=True,
                        help_text="Une ligne vide sépare les paragraphes ; « • » commence un élément, deux espaces l’emboîtent.",
                        verbose_name="texte",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sections",
                        to="offers.offer",
                        verbose_name="offre",
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
                        condition=models.Q(
                            ("kind__in", ["MANDATE", "TASKS", "SKILLS", "ELIGIBILITY", "HEALTH", "OTHER"])
                        ),
                        name="section_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True),
                            models.Q(("text", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="section_says_something",
                    ),
                ],
            },
        ),
    ]
