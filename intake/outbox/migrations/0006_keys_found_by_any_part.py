"""A delivery is found by any part of its key, folded by the function of every search."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0012_one_fold_for_every_search"),
        ("outbox", "0005_returned_mails"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="folded_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("key"), function="fold_text", output_field=models.TextField()
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["folded_key"], name="delivery_by_trigrams", opclasses=["gin_trgm_ops"]
            ),
        ),
    ]
