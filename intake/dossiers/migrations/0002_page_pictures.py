"""Keep pictures of the pages of each dossier, for its readers."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("dossiers", "0001_seals_and_files"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="PagePictures",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.FileField(max_length=200, upload_to="pages", verbose_name="fichier")),
                ("sha256", models.CharField(max_length=64, verbose_name="empreinte SHA-256 du dossier")),
                ("built_at", models.DateTimeField(verbose_name="produites le")),
                (
                    "dossier",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="pictures",
                        to="dossiers.dossier",
                        verbose_name="dossier",
                    ),
                ),
            ],
            options={
                "verbose_name": "images des pages",
                "verbose_name_plural": "images des pages",
                "default_permissions": (),
            },
        ),
    ]
