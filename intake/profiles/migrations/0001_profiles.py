import datetime as dt

import django.db.models.deletion
import django.db.models.lookups
import phonenumber_field.modelfields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Profile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=200, verbose_name="prénom")),
                ("last_name", models.CharField(blank=True, max_length=200, verbose_name="nom")),
                ("birth_date", models.DateField(blank=True, null=True, verbose_name="date de naissance")),
                (
                    "phone",
                    phonenumber_field.modelfields.PhoneNumberField(
                        blank=True, max_length=32, region="CA", verbose_name="téléphone"
                    ),
                ),
                ("address_line", models.CharField(blank=True, max_length=200, verbose_name="adresse")),
                ("city", models.CharField(blank=True, max_length=200, verbose_name="ville")),
                (
                    "province",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("QC", "Québec"),
                            ("AB", "Alberta"),
                            ("BC", "Colombie-Britannique"),
                            ("PE", "Île-du-Prince-Édouard"),
                            ("MB", "Manitoba"),
                            ("NB", "Nouveau-Brunswick"),
                            ("NS", "Nouvelle-Écosse"),
                            ("NU", "Nunavut"),
                            ("ON", "Ontario"),
                            ("SK", "Saskatchewan"),
                            ("NL", "Terre-Neuve-et-Labrador"),
                            ("NT", "Territoires du Nord-Ouest"),
                            ("YT", "Yukon"),
                            ("OUTSIDE", "Hors du Canada"),
                        ],
                        max_length=16,
                        verbose_name="province",
                    ),
                ),
                ("postal_code", models.CharField(blank=True, max_length=16, verbose_name="code postal")),
                (
                    "legal_status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("CITIZEN", "Citoyenneté canadienne"),
                            ("PERMANENT_RESIDENT", "Résidence permanente"),
                            ("PROTECTED_PERSON", "Personne protégée ou réfugiée reconnue"),
                            ("ASYLUM_CLAIMANT", "Demande d’asile en cours"),
                            ("TEMPORARY_PERMIT", "Permis temporaire (études, travail ou visite)"),
                            ("OTHER", "Autre situation"),
                        ],
                        max_length=32,
                        verbose_name="statut au Canada",
                    ),
                ),
                (
                    "domicile_province",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("QC", "Québec"),
                            ("AB", "Alberta"),
                            ("BC", "Colombie-Britannique"),
                            ("PE", "Île-du-Prince-Édouard"),
                            ("MB", "Manitoba"),
                            ("NB", "Nouveau-Brunswick"),
                            ("NS", "Nouvelle-Écosse"),
                            ("NU", "Nunavut"),
                            ("ON", "Ontario"),
                            ("SK", "Saskatchewan"),
                            ("NL", "Terre-Neuve-et-Labrador"),
                            ("NT", "Territoires du Nord-Ouest"),
                            ("YT", "Yukon"),
                            ("OUTSIDE", "Hors du Canada"),
                        ],
                        max_length=16,
                        verbose_name="province du domicile",
                    ),
                ),
                (
                    "quebec_resident_since",
                    models.DateField(blank=True, null=True, verbose_name="réside au Québec depuis le"),
                ),
                (
                    "resident_for_health_insurance",
                    models.BooleanField(
                        blank=True, null=True, verbose_name="réside au Québec au sens de l’assurance maladie"
                    ),
                ),
                (
                    "resident_for_tax",
                    models.BooleanField(
                        blank=True, null=True, verbose_name="réside au Québec au sens de l’impôt"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="modifié le")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profile",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "profil",
                "verbose_name_plural": "profils",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("birth_date__isnull", True),
                            ("birth_date__gte", dt.date(1900, 1, 1)),
                            _connector="OR",
                        ),
                        name="profiles_profile_birth_date_is_plausible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quebec_resident_since__isnull", True),
                            ("birth_date__isnull", True),
                            django.db.models.lookups.GreaterThanOrEqual(
                                models.F("quebec_resident_since"), models.F("birth_date")
                            ),
                            _connector="OR",
                        ),
                        name="profiles_profile_resides_after_being_born",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "province__in",
                                [
                                    "",
                                    "QC",
                                    "AB",
                                    "BC",
                                    "PE",
                                    "MB",
                                    "NB",
                                    "NS",
                                    "NU",
                                    "ON",
                                    "SK",
                                    "NL",
                                    "NT",
                                    "YT",
                                    "OUTSIDE",
                                ],
                            )
                        ),
                        name="profiles_profile_province_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "domicile_province__in",
                                [
                                    "",
                                    "QC",
                                    "AB",
                                    "BC",
                                    "PE",
                                    "MB",
                                    "NB",
                                    "NS",
                                    "NU",
                                    "ON",
                                    "SK",
                                    "NL",
                                    "NT",
                                    "YT",
                                    "OUTSIDE",
                                ],
                            )
                        ),
                        name="profiles_profile_domicile_province_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "legal_status__in",
                                [
                                    "",
                                    "CITIZEN",
                                    "PERMANENT_RESIDENT",
                                    "PROTECTED_PERSON",
                                    "ASYLUM_CLAIMANT",
                                    "TEMPORARY_PERMIT",
                                    "OTHER",
                                ],
                            )
                        ),
                        name="profiles_profile_legal_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("phone", ""), ("phone__regex", "^\\+[1-9][0-9]{3,14}$"), _connector="OR"
                        ),
                        name="profiles_profile_phone_is_international",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("postal_code", ""),
                            ("province__in", ["", "OUTSIDE"]),
                            ("postal_code__regex", "^[A-Z][0-9][A-Z] [0-9][A-Z][0-9]$"),
                            _connector="OR",
                        ),
                        name="profiles_profile_postal_code_is_canadian_in_canada",
                    ),
                ],
            },
        ),
    ]
