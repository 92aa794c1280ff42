"""The journal, whose entries the database chains: see `intake.journal.chain`."""

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models
from django.db.models import Q

from intake.journal.privileges import append_only
from offers.sql_files import load_sql

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))
ROLE = settings.APPLICATION_ROLE


REFUSE_CHANGE = """\
CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $function$;
"""
"""The text of this migration; `privacy` loads the file of today, which lets an erasure pass."""


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        # The functions of the triggers of `append_only`, in every app.
        migrations.RunSQL(REFUSE_CHANGE, "DROP FUNCTION refuse_change CASCADE"),
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
                ],
            },
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
