"""Programmes, and the one that every offer written so far belongs to; the portal itself says its words."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def _write_the_first(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("offers", "Programme").objects.using(editor.connection.alias).create(
        code="STAGES-OIG", name="Stages en organisations internationales gouvernementales"
    )


class Migration(migrations.Migration):
    dependencies = [("offers", "0004_records_are_kept")]

    operations = [
        migrations.CreateModel(
            name="Programme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        help_text="Par exemple BOURSE-ARTISTES. Il ne change plus ensuite.",
                        max_length=20,
                        unique=True,
                        verbose_name="code",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="nom du programme")),
                (
                    "dates_label",
                    models.CharField(
                        blank=True,
                        help_text="Par exemple « Dates du séjour ».",
                        max_length=60,
                        verbose_name="libellé des dates",
                    ),
                ),
                (
                    "allowance_label",
                    models.CharField(
                        blank=True,
                        help_text="Par exemple « Montant de la bourse ».",
                        max_length=60,
                        verbose_name="libellé du montant",
                    ),
                ),
                (
                    "at_start",
                    models.CharField(
                        blank=True,
                        help_text="Par exemple « au début du séjour ».",
                        max_length=60,
                        verbose_name="le début, dans une phrase",
                    ),
                ),
                (
                    "lead",
                    models.CharField(
                        blank=True,
                        help_text="Une phrase : ce qui est offert, et à qui.",
                        max_length=250,
                        verbose_name="ce que le programme offre",
                    ),
                ),
                (
                    "next_steps",
                    models.CharField(
                        blank=True,
                        help_text="Une ou deux phrases : entrevues, qui choisit, quand.",
                        max_length=250,
                        verbose_name="ce qui suit l’étude des candidatures",
                    ),
                ),
            ],
            options={
                "verbose_name": "programme",
                "verbose_name_plural": "programmes",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[A-Z0-9]+(-[A-Z0-9]+)*$")),
                        name="programme_code_is_a_code",
                        violation_error_message=(
                            "Un code s’écrit avec des majuscules sans accent, des chiffres et des traits d’union."
                        ),
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="programme_has_a_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("dates_label", ""), _negated=True),
                                models.Q(("allowance_label", ""), _negated=True),
                                models.Q(("at_start", ""), _negated=True),
                                models.Q(("lead", ""), _negated=True),
                                models.Q(("next_steps", ""), _negated=True),
                            ),
                            models.Q(
                                ("code", "STAGES-OIG"),
                                ("allowance_label", ""),
                                ("at_start", ""),
                                ("dates_label", ""),
                                ("lead", ""),
                                ("next_steps", ""),
                            ),
                            _connector="OR",
                        ),
                        name="programme_says_all_its_words",
                        violation_error_message="Il manque des mots : un programme les dit tous.",
                    ),
                ],
            },
        ),
        migrations.RunPython(_write_the_first, migrations.RunPython.noop),
    ]
