"""Account changes, and what the application's role may not do without one; sessions, invitations, identities.

The administration's own log becomes append-only. Groups and permissions are written by `migrate` alone.
"""

import datetime as dt
import uuid

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models
from django.db.models import F, Q

from intake.base.sql_files import load_sql
from intake.journal.privileges import append_only

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
        ("mfa", "0003_authenticator_type_uniq"),
        ("sessions", "0001_initial"),
    ]

    operations = [
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
                            ("OWN_ADDRESS", "Adresse courriel, par la personne"),
                            ("ROLES", "Rôles"),
                            ("ADMINISTRATION", "Administration"),
                            ("CLOSING", "Fermeture du compte"),
                            ("REOPENING", "Réouverture du compte"),
                            ("SECOND_FACTOR", "Retrait d’un appareil perdu"),
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
                (
                    "undoes",
                    models.OneToOneField(
                        "accounts.accountchange",
                        models.PROTECT,
                        null=True,
                        blank=True,
                        editable=False,
                        related_name="undone_by",
                    ),
                ),
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
                        condition=~Q(kind__in=["ADDRESS", "OWN_ADDRESS"], value="")
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
                        | Q(kind="OWN_ADDRESS")
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
                    models.CheckConstraint(
                        condition=Q(undoes__isnull=True) | Q(kind__in=["OWN_ADDRESS", "CLOSING"]),
                        name="an_undone_address_is_given_back_or_its_account_closed",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["asked_at"], name="account_changes_to_decide", condition=Q(state="ASKED")
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OpenSession",
            fields=[
                (
                    "session",
                    models.OneToOneField(
                        to="sessions.session",
                        on_delete=models.DB_CASCADE,
                        primary_key=True,
                        serialize=False,
                        related_name="+",
                    ),
                ),
                ("public_id", models.UUIDField(unique=True, default=uuid.uuid4, editable=False)),
                ("device", models.CharField(max_length=60)),
                (
                    "user",
                    models.ForeignKey(
                        to=settings.AUTH_USER_MODEL, on_delete=models.DB_CASCADE, related_name="+"
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        to=settings.AUTH_USER_MODEL,
                        on_delete=models.DB_CASCADE,
                        primary_key=True,
                        serialize=False,
                        related_name="+",
                    ),
                ),
                ("public_id", models.UUIDField(unique=True, default=uuid.uuid4, editable=False)),
                ("given_at", models.DateTimeField(editable=False)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="ProviderIdentity",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        to=settings.AUTH_USER_MODEL,
                        on_delete=models.DB_CASCADE,
                        primary_key=True,
                        serialize=False,
                        related_name="+",
                    ),
                ),
                ("issuer", models.CharField(max_length=255)),
                ("subject", models.CharField(max_length=255)),
                ("linked_at", models.DateTimeField(editable=False)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=["issuer", "subject"], name="an_identity_opens_one_account"
                    ),
                    models.CheckConstraint(
                        condition=~Q(issuer="") & ~Q(subject=""),
                        name="an_identity_has_an_issuer_and_a_subject",
                    ),
                ],
            },
        ),
        load_sql(__file__, "keep_account_change"),
        load_sql(__file__, "account_change_is_applied_now"),
        load_sql(__file__, "refuse_unapproved_account"),
        load_sql(__file__, "refuse_unapproved_role"),
        load_sql(__file__, "refuse_undecided_change"),
        load_sql(__file__, "use_up_invitation"),
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
