"""The register of past participants: rows that are added, removed with a reason, never changed."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Regex

from intake.base.sql_files import load_sql
from intake.journal.privileges import append_only

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))
ROLE = settings.APPLICATION_ROLE


class Migration(migrations.Migration):
    initial = True
    dependencies = [("journal", "0001_chained_entries"), ("offers", "0001_offers_and_programmes")]

    operations = [
        migrations.CreateModel(
            name="Participation",
            fields=[
                ID,
                ("year", models.PositiveSmallIntegerField("année")),
                (
                    "source",
                    models.CharField(
                        "provenance",
                        max_length=9,
                        choices=[
                            ("CSV", "Liste importée"),
                            ("HAND", "Saisie à la main"),
                            ("COMPLETED", "Stage terminé"),
                        ],
                    ),
                ),
                ("key_name", models.CharField("clé", max_length=20)),
                ("whole", models.CharField("empreinte", max_length=64, editable=False)),
                (
                    "shorter",
                    ArrayField(
                        models.CharField(max_length=64),
                        verbose_name="empreintes des prénoms abrégés",
                        default=list,
                        editable=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField("inscrite le", db_default=TransactionNow(), editable=False),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        "offers.programme", models.PROTECT, related_name="+", verbose_name="programme"
                    ),
                ),
            ],
            options={
                "verbose_name": "participation",
                "verbose_name_plural": "participations au registre",
                "default_permissions": ("add", "view", "delete"),
                "indexes": [
                    GinIndex(fields=["shorter"], name="participation_by_shorter_names"),
                    models.Index(fields=["year", "source"], name="participation_by_year"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("whole", "year"), name="a_person_takes_part_once_in_a_year"
                    ),
                    models.CheckConstraint(
                        condition=Q(year__range=(1960, 2100)), name="participation_year_is_a_year"
                    ),
                    models.CheckConstraint(
                        condition=Q(source__in=["CSV", "HAND", "COMPLETED"]),
                        name="participation_source_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(key_name__regex="^[A-Za-z0-9_-]+$"), name="participation_names_its_key"
                    ),
                    models.CheckConstraint(
                        condition=Q(whole__regex="^[0-9a-f]{64}$")
                        & Q(
                            Regex(
                                Func(
                                    F("shorter"),
                                    Value(""),
                                    function="array_to_string",
                                    output_field=models.TextField(),
                                ),
                                "^([0-9a-f]{64})*$",
                            )
                        ),
                        name="participation_holds_digests_alone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Removal",
            fields=[
                ID,
                ("participation", models.BigIntegerField("participation", editable=False)),
                ("year", models.PositiveSmallIntegerField("année")),
                ("reason", models.CharField("motif", max_length=250)),
                (
                    "removed_at",
                    models.DateTimeField("retirée le", db_default=TransactionNow(), editable=False),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        "offers.programme", models.PROTECT, related_name="+", verbose_name="programme"
                    ),
                ),
                (
                    "whole",
                    models.CharField("empreinte", max_length=64, blank=True, db_default="", editable=False),
                ),
            ],
            options={
                "verbose_name": "retrait du registre",
                "verbose_name_plural": "retraits du registre",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["participation"], name="removal_of_a_participation"),
                    models.Index(
                        fields=["whole", "year"], condition=~Q(whole=""), name="removal_of_a_person"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(condition=~Q(reason=""), name="removal_says_why"),
                    models.CheckConstraint(
                        condition=Q(whole="") | Q(whole__regex="^[0-9a-f]{64}$"),
                        name="removal_holds_a_digest_alone",
                    ),
                ],
            },
        ),
        append_only("register_removal"),
        load_sql(__file__, "refuse_change_of_a_participation"),
        migrations.RunSQL(
            f'REVOKE UPDATE, TRUNCATE ON register_participation FROM "{ROLE}"',
            f'GRANT UPDATE ON register_participation TO "{ROLE}"',
        ),
    ]
