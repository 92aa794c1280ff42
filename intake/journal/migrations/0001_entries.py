import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from intake.web.privileges import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="instant",
                    ),
                ),
                ("action", models.CharField(max_length=64, verbose_name="action")),
                ("subject_kind", models.CharField(blank=True, max_length=64, verbose_name="genre d’objet")),
                ("subject_id", models.CharField(blank=True, max_length=64, verbose_name="objet")),
                ("detail", models.TextField(blank=True, verbose_name="précision")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        help_text="Vide quand le portail a agi de lui-même.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="auteur",
                    ),
                ),
            ],
            options={
                "verbose_name": "entrée du journal",
                "verbose_name_plural": "entrées du journal",
                "default_permissions": ("add", "view"),
                "indexes": [
                    models.Index(fields=["subject_kind", "subject_id", "at"], name="journal_of_a_subject"),
                    models.Index(fields=["at"], name="journal_by_instant"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("action__regex", "^[A-Z][A-Z0-9_]*$")),
                        name="journal_entry_action_is_a_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("subject_id", ""), ("subject_kind", "")),
                            models.Q(
                                models.Q(("subject_kind", ""), _negated=True),
                                models.Q(("subject_id", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="journal_entry_subject_is_whole_or_absent",
                    ),
                ],
            },
        ),
        append_only("journal_entry"),
    ]
