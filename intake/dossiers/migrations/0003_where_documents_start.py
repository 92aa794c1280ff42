"""A dossier keeps the page at which each document starts: what points at a page of a document leads there."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dossiers", "0002_a_seal_is_whole_or_erased"),
    ]

    operations = [
        migrations.AddField(
            model_name="dossier",
            name="starts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveIntegerField(), blank=True, default=list, size=None
            ),
        ),
    ]
