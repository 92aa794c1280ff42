"""Account changes, and what the application's role may not do without one.

The administration's own log becomes append-only. Groups and permissions are written by `migrate` alone.
"""

import datetime as dt

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models
from django.db.models import F, Q

from intake.journal.privileges import append_only
from offers.sql_files import load_sql

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))
ROLE = settings.APPLICATION_ROLE
WRITTEN_BY_MIGRATE = "auth_group, auth_group_permissions, auth_permission, accounts_user_user_permissions"


def person(verbose_name: str, related_name: str = "+", **options: bool) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name=related_name,
        verbose_name=verbose_name,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_accounts"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("journal", "0001_chained_entries"),
    ]

    operations = [
        migrations.AddField(
            "user",
            "sessions_ended_at",
            models.DateTimeField("sessions fermées le", null=True, blank=True, editable=False),
        ),
        migrations.CreateModel(
            name="AccountChange",
            fields=[
                ID,
                (
                    "kind",
                    models.CharField(
                        "changement",
                        max_length=24,
                        choices=[
                            ("ADDRESS", "Adresse courriel"),
                            ("ROLES", "Rôles"),
                            ("ADMINISTRATION", "Administration"),
                            ("CLOSING", "Fermeture du compte"),
                            ("REOPENING", "Réouverture du compte"),
                        ],
                    ),
                ),
                ("value", models.CharField("demandé", max_length=254, blank=True)),
                ("before", models.CharField("avant", max_length=254, blank=True)),
                ("reason", models.CharField("motif", max_length=300)),
                (
                    "asked_at",
                    models.DateTimeField("demandé le", db_default=TransactionNow(), editable=False),
                ),
                (
                    "state",
                    models.CharField(
                        "état",
                        max_length=8,
                        choices=[
                            ("ASKED", "À approuver"),
                            ("APPLIED", "Fait"),
                            ("REFUSED", "Refusé"),
                            ("EXPIRED", "Expiré"),
                        ],
                        default="ASKED",
                    ),
                ),
                ("decided_at", models.DateTimeField("décidé le", null=True, blank=True, editable=False)),
                ("asked_by", person("demandé par", null=True, blank=True)),
                ("decided_by", person("décidé par", null=True, blank=True)),
                ("person", person("compte", "changes")),
            ],
            options={
                "verbose_name": "changement de compte",
                "verbose_name_plural": "changements de comptes",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=["person", "kind"],
                        condition=Q(state="ASKED"),
                        name="an_account_has_one_open_change_of_each_kind",
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=["ASKED", "APPLIED", "REFUSED", "EXPIRED"]),
                        name="account_change_state_is_known",
                    ),
                    models.CheckConstraint(condition=~Q(reason=""), name="account_change_has_a_reason"),
                    models.CheckConstraint(
                        condition=~Q(kind="ADDRESS", value="")
                        & (~Q(kind="ADMINISTRATION") | Q(value__in=["YES", "NO"])),
                        name="account_change_has_the_value_of_its_kind",
                    ),
                    models.CheckConstraint(
                        condition=Q(state="ASKED", decided_by__isnull=True, decided_at__isnull=True)
                        | (~Q(state="ASKED") & Q(decided_at__isnull=False)),
                        name="account_change_is_open_or_decided",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="APPLIED")
                        | Q(asked_by__isnull=True, decided_by__isnull=True)
                        | Q(
                            asked_by__isnull=False,
                            decided_by__isnull=False,
                            decided_by=F("asked_by"),
                            kind="CLOSING",
                        )
                        | (
                            Q(asked_by__isnull=False, decided_by__isnull=False)
                            & ~Q(decided_by=F("asked_by"))
                            & ~Q(decided_by=F("person"))
                        ),
                        name="account_change_is_applied_by_a_second_person",
                    ),
                    models.CheckConstraint(
                        condition=Q(asked_by__isnull=False) | Q(state="APPLIED"),
                        name="account_change_is_asked_by_a_person_or_applied",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="APPLIED")
                        | Q(decided_at__lt=F("asked_at") + dt.timedelta(days=7)),
                        name="account_change_is_applied_within_seven_days",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["asked_at"], name="account_changes_to_decide", condition=Q(state="ASKED")
                    )
                ],
            },
        ),
        load_sql(__file__, "keep_account_change"),
        load_sql(__file__, "account_change_is_applied_now"),
        load_sql(__file__, "refuse_unapproved_account"),
        load_sql(__file__, "refuse_unapproved_role"),
        migrations.RunSQL(
            f"""
            REVOKE UPDATE, DELETE, TRUNCATE ON accounts_accountchange FROM "{ROLE}";
            GRANT UPDATE (state, decided_by_id, decided_at) ON accounts_accountchange TO "{ROLE}";
            REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {WRITTEN_BY_MIGRATE} FROM "{ROLE}";
            """,
            f"""
            GRANT INSERT, UPDATE, DELETE ON {WRITTEN_BY_MIGRATE} TO "{ROLE}";
            """,
        ),
        append_only("django_admin_log"),
    ]
