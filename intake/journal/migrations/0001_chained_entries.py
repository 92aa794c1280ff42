"""The journal: the database chains its entries (`intake.journal.chain`), each with a seal (`intake.journal.seals`)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Func, Q, Value

from intake.base.sql_files import load_sql
from intake.journal.privileges import append_only

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))
ROLE = settings.APPLICATION_ROLE


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        # The functions of the triggers of `append_only`, in every app.
        load_sql(__file__, "refuse_change"),
        load_sql(__file__, "refuse_emptying"),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ID,
                ("at", models.DateTimeField("date et heure", db_default=TransactionNow(), editable=False)),
                ("action", models.CharField("action", max_length=64)),
                ("subject_kind", models.CharField("genre d’objet", max_length=64, blank=True)),
                ("subject_id", models.CharField("objet", max_length=64, blank=True)),
                ("detail", models.TextField("précision", blank=True)),
                ("seal", models.CharField(max_length=128, default="", editable=False)),
                (
                    "actor",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        models.PROTECT,
                        blank=True,
                        null=True,
                        related_name="+",
                        help_text="Vide pour une action automatique du portail.",
                        verbose_name="auteur",
                    ),
                ),
            ],
            options={
                "verbose_name": "entrée du journal",
                "verbose_name_plural": "entrées du journal",
                "default_permissions": ("add", "view"),
                "indexes": [
                    models.Index(fields=["subject_id", "subject_kind", "at"], name="journal_of_a_subject"),
                    models.Index(fields=["at", "id"], name="journal_in_order"),
                    models.Index(fields=["action", "at", "id"], name="journal_in_order_by_action"),
                    GinIndex(
                        Func(
                            F("detail"),
                            Value(" "),
                            function="string_to_array",
                            output_field=ArrayField(models.TextField()),
                        ),
                        condition=Q(action="LIST_SHOWN"),
                        name="journal_lists_of_a_subject",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(action__regex="^[A-Z][A-Z0-9_]*$"), name="journal_entry_action_is_a_code"
                    ),
                    models.CheckConstraint(
                        condition=Q(subject_id="", subject_kind="")
                        | (~Q(subject_kind="") & ~Q(subject_id="")),
                        name="journal_entry_subject_is_whole_or_absent",
                    ),
                    models.UniqueConstraint(
                        fields=["seal"], condition=~Q(seal=""), name="a_seal_of_the_journal_is_used_once"
                    ),
                ],
            },
        ),
        # Not valid: a restored journal keeps its entries from before the seals.
        AddConstraintNotValid(
            "entry",
            models.CheckConstraint(
                condition=Q(seal__regex=r"^[A-Za-z0-9_-]{1,20}\.[A-Za-z0-9_-]{22}\.[0-9a-f]{64}$"),
                name="journal_entry_is_sealed",
            ),
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        "journal.entry",
                        models.PROTECT,
                        primary_key=True,
                        serialize=False,
                        db_constraint=False,
                        related_name="link",
                    ),
                ),
                ("lane", models.PositiveSmallIntegerField()),
                ("position", models.PositiveBigIntegerField()),
                ("salt", models.UUIDField(null=True)),
                ("commitment", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "maillon du journal",
                "verbose_name_plural": "maillons du journal",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lane", "position"), name="a_chain_has_one_link_per_position"
                    )
                ],
            },
        ),
        load_sql(__file__, "link_journal_entry"),
        load_sql(__file__, "chain_journal_entry"),
        append_only("journal_entry"),
        append_only("journal_link"),
        # The application's role writes no link, not even a true one.
        migrations.RunSQL(
            [
                "REVOKE EXECUTE ON FUNCTION link_journal_entry FROM PUBLIC",
                f'REVOKE INSERT ON journal_link FROM "{ROLE}"',
            ],
            f'GRANT INSERT ON journal_link TO "{ROLE}"',
        ),
    ]
