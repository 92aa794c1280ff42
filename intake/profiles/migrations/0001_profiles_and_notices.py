"""Profiles, and the notices that were accepted."""

import datetime as dt

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.lookups import GreaterThanOrEqual

from intake.journal.privileges import append_only

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))
PROVINCES = [
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
]
LEGAL_STATUSES = [
    ("CITIZEN", "Citoyenneté canadienne"),
    ("PERMANENT_RESIDENT", "Résidence permanente"),
    ("PROTECTED_PERSON", "Personne protégée ou réfugiée reconnue"),
    ("ASYLUM_CLAIMANT", "Demande d’asile en cours"),
    ("TEMPORARY_PERMIT", "Permis temporaire (études, travail ou visite)"),
    ("OTHER", "Autre situation"),
]


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("journal", "0001_chained_entries"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Profile",
            fields=[
                ID,
                ("first_name", models.CharField("prénom", max_length=200, blank=True)),
                ("last_name", models.CharField("nom", max_length=200, blank=True)),
                ("birth_date", models.DateField("date de naissance", null=True, blank=True)),
                ("phone", models.CharField("téléphone", max_length=32, blank=True)),
                ("address_line", models.CharField("adresse", max_length=200, blank=True)),
                ("city", models.CharField("ville", max_length=200, blank=True)),
                (
                    "province",
                    models.CharField(
                        "province",
                        max_length=16,
                        choices=PROVINCES,
                        blank=True,
                    ),
                ),
                ("postal_code", models.CharField("code postal", max_length=16, blank=True)),
                (
                    "legal_status",
                    models.CharField(
                        "statut au Canada",
                        max_length=32,
                        choices=LEGAL_STATUSES,
                        blank=True,
                    ),
                ),
                (
                    "domicile_province",
                    models.CharField(
                        "province du domicile",
                        max_length=16,
                        choices=PROVINCES,
                        blank=True,
                    ),
                ),
                (
                    "quebec_resident_since",
                    models.DateField("réside au Québec depuis le", null=True, blank=True),
                ),
                (
                    "resident_for_health_insurance",
                    models.BooleanField(
                        "réside au Québec au sens de l’assurance maladie", null=True, blank=True
                    ),
                ),
                (
                    "resident_for_tax",
                    models.BooleanField("réside au Québec au sens de l’impôt", null=True, blank=True),
                ),
                ("updated_at", models.DateTimeField("modifié le", auto_now=True)),
                (
                    "user",
                    models.OneToOneField(
                        settings.AUTH_USER_MODEL,
                        models.CASCADE,
                        related_name="profile",
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "profil",
                "verbose_name_plural": "profils",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(birth_date__isnull=True) | Q(birth_date__gte=dt.date(1900, 1, 1)),
                        name="profiles_profile_birth_date_is_plausible",
                    ),
                    models.CheckConstraint(
                        condition=Q(quebec_resident_since__isnull=True)
                        | Q(birth_date__isnull=True)
                        | Q(GreaterThanOrEqual(F("quebec_resident_since"), F("birth_date"))),
                        name="profiles_profile_resides_after_being_born",
                    ),
                    models.CheckConstraint(
                        condition=Q(province__in=["", *(province for province, _label in PROVINCES)]),
                        name="profiles_profile_province_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            domicile_province__in=["", *(province for province, _label in PROVINCES)]
                        ),
                        name="profiles_profile_domicile_province_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(legal_status__in=["", *(status for status, _label in LEGAL_STATUSES)]),
                        name="profiles_profile_legal_status_is_known",
                    ),
                    # An extension follows the number: `+14185550142;ext=12`.
                    models.CheckConstraint(
                        condition=Q(phone="") | Q(phone__regex=r"^\+[1-9][0-9]{3,14}(;ext=[0-9]{1,8})?$"),
                        name="profiles_profile_phone_is_international",
                    ),
                    models.CheckConstraint(
                        condition=Q(postal_code="")
                        | Q(province__in=["", "OUTSIDE"])
                        | Q(postal_code__regex="^[A-Z][0-9][A-Z] [0-9][A-Z][0-9]$"),
                        name="profiles_profile_postal_code_is_canadian_in_canada",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeAcceptance",
            fields=[
                ID,
                ("notice", models.CharField("avis", max_length=32)),
                ("version", models.CharField("version", max_length=16)),
                ("at", models.DateTimeField("accepté le", db_default=TransactionNow(), editable=False)),
                (
                    "user",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.RESTRICT,
                        related_name="notice_acceptances",
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "avis accepté",
                "verbose_name_plural": "avis acceptés",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "notice", "version"),
                        name="profiles_a_notice_is_accepted_once_per_version",
                    )
                ],
            },
        ),
        append_only("profiles_noticeacceptance"),
    ]
