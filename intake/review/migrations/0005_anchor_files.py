"""Let an offer name the files that each member of its committee marks first."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("review", "0004_reading_drafts_and_keys"),
        ("submissions", "0003_indexes_of_refusals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="AnchorFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "named_at",
                    models.DateTimeField(
                        db_default=TransactionNow(), editable=False, verbose_name="choisi le"
                    ),
                ),
                (
                    "named_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="choisi par",
                    ),
                ),
                (
                    "submission",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="submissions.submission",
                        verbose_name="candidature",
                    ),
                ),
            ],
            options={
                "verbose_name": "dossier repère",
                "verbose_name_plural": "dossiers repères",
                "default_permissions": (),
            },
        ),
    ]
