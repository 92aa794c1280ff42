"""The account change of a candidate's own address, which its person alone makes."""

from django.db import migrations, models
from django.db.models import F, Q

from offers.sql_files import load_sql

BY_A_SECOND_PERSON = (
    ~Q(state="APPLIED")
    | Q(asked_by__isnull=True, decided_by__isnull=True)
    | Q(asked_by__isnull=False, decided_by__isnull=False, decided_by=F("asked_by"), kind="CLOSING")
    | Q(kind="OWN_ADDRESS")
    | (
        Q(asked_by__isnull=False, decided_by__isnull=False)
        & ~Q(decided_by=F("asked_by"))
        & ~Q(decided_by=F("person"))
    )
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_provider_identities")]

    operations = [
        # In a database of before, it accepts no address that its person changed.
        migrations.RunSQL("DROP FUNCTION refuse_unapproved_account CASCADE", migrations.RunSQL.noop),
        migrations.RunSQL(load_sql(__file__, "refuse_unapproved_account").sql, migrations.RunSQL.noop),
        migrations.RemoveConstraint("accountchange", "account_change_has_the_value_of_its_kind"),
        migrations.RemoveConstraint("accountchange", "account_change_is_applied_by_a_second_person"),
        migrations.AlterField(
            "accountchange",
            "kind",
            models.CharField(
                "changement",
                max_length=24,
                choices=[
                    ("ADDRESS", "Adresse courriel"),
                    ("OWN_ADDRESS", "Adresse courriel, par la personne"),
                    ("ROLES", "Rôles"),
                    ("ADMINISTRATION", "Administration"),
                    ("CLOSING", "Fermeture du compte"),
                    ("REOPENING", "Réouverture du compte"),
                    ("SECOND_FACTOR", "Retrait d’un appareil perdu"),
                ],
            ),
        ),
        migrations.AddConstraint(
            "accountchange",
            models.CheckConstraint(
                condition=~Q(kind__in=["ADDRESS", "OWN_ADDRESS"], value="")
                & (~Q(kind="ADMINISTRATION") | Q(value__in=["YES", "NO"])),
                name="account_change_has_the_value_of_its_kind",
            ),
        ),
        migrations.AddConstraint(
            "accountchange",
            models.CheckConstraint(
                condition=BY_A_SECOND_PERSON, name="account_change_is_applied_by_a_second_person"
            ),
        ),
        migrations.AddConstraint(
            "accountchange",
            models.CheckConstraint(
                condition=~Q(kind="OWN_ADDRESS")
                | Q(
                    state="APPLIED",
                    asked_by__isnull=False,
                    asked_by=F("person"),
                    decided_by__isnull=False,
                    decided_by=F("person"),
                ),
                name="an_own_address_is_changed_by_its_person",
            ),
        ),
    ]
