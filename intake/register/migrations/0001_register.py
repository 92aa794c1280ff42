"""The register of past participants: rows that are added, removed with a reason, never changed."""

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from intake.web.privileges import append_only

REMOVED_WITH_A_REASON = """
CREATE FUNCTION refuse_change_of_a_participation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'a participation is never changed' USING
            ERRCODE = 'restrict_violation', CONSTRAINT = 'participation_is_never_changed';
    END IF;
    -- The instant is the transaction's: a reason that was given for another removal does not serve.
    IF NOT EXISTS (
        SELECT FROM register_removal r
        WHERE r.participation = OLD.id AND r.removed_at = transaction_timestamp()
    ) THEN
        RAISE EXCEPTION 'a participation is removed with its reason' USING
            ERRCODE = 'restrict_violation', CONSTRAINT = 'participation_is_removed_with_its_reason';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER participation_is_never_changed BEFORE UPDATE OR DELETE ON register_participation
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_a_participation();
"""
AS_BEFORE = """
DROP TRIGGER participation_is_never_changed ON register_participation;
DROP FUNCTION refuse_change_of_a_participation();
"""
ROLE = settings.APPLICATION_ROLE


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("offers", "0008_days_of_any_programme"),
    ]

    operations = [
        migrations.CreateModel(
            name="Participation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="année")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("CSV", "Liste importée"),
                            ("HAND", "Saisie à la main"),
                            ("COMPLETED", "Stage terminé"),
                        ],
                        max_length=9,
                        verbose_name="provenance",
                    ),
                ),
                ("key_name", models.CharField(max_length=20, verbose_name="clé")),
                ("whole", models.CharField(editable=False, max_length=64, verbose_name="empreinte")),
                (
                    "shorter",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64),
                        default=list,
                        editable=False,
                        verbose_name="empreintes des prénoms abrégés",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="inscrite le",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="offers.programme",
                        verbose_name="programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "participation",
                "verbose_name_plural": "participations au registre",
                "default_permissions": ("add", "view", "delete"),
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["shorter"], name="participation_by_shorter_names"
                    ),
                    models.Index(fields=["year", "source"], name="participation_by_year"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("whole", "year"), name="a_person_takes_part_once_in_a_year"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("year__range", (1960, 2100))), name="participation_year_is_a_year"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["CSV", "HAND", "COMPLETED"])),
                        name="participation_source_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("key_name__regex", "^[A-Za-z0-9_-]+$")),
                        name="participation_names_its_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("whole__regex", "^[0-9a-f]{64}$"),
                            django.db.models.lookups.Regex(
                                models.Func(
                                    models.F("shorter"),
                                    models.Value(""),
                                    function="array_to_string",
                                    output_field=models.TextField(),
                                ),
                                "^([0-9a-f]{64})*$",
                            ),
                        ),
                        name="participation_holds_digests_alone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Removal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("participation", models.BigIntegerField(editable=False, verbose_name="participation")),
                ("year", models.PositiveSmallIntegerField(verbose_name="année")),
                ("reason", models.CharField(max_length=250, verbose_name="motif")),
                (
                    "removed_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="retirée le",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="offers.programme",
                        verbose_name="programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "retrait du registre",
                "verbose_name_plural": "retraits du registre",
                "default_permissions": (),
                "indexes": [models.Index(fields=["participation"], name="removal_of_a_participation")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="removal_says_why"
                    )
                ],
            },
        ),
        append_only("register_removal"),
        migrations.RunSQL(REMOVED_WITH_A_REASON, AS_BEFORE),
        migrations.RunSQL(
            f'REVOKE UPDATE, TRUNCATE ON register_participation FROM "{ROLE}"',
            f'GRANT UPDATE ON register_participation TO "{ROLE}"',
        ),
    ]
