"""Names are folded by the function of every search, and a receipt is found by any part of its number."""

import django.contrib.postgres.indexes
from django.db import migrations, models


def _folded(name: str) -> models.GeneratedField:
    return models.GeneratedField(
        db_persist=True,
        expression=models.Func(models.F(name), function="fold_text", output_field=models.TextField()),
        output_field=models.TextField(),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0012_one_fold_for_every_search"),
        ("submissions", "0019_when_a_filing_was_committed"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="submission", name="submission_by_trigrams"),
        migrations.RemoveField(model_name="submission", name="folded_name"),
        migrations.AddField(model_name="submission", name="folded_name", field=_folded("filed_name")),
        migrations.AddIndex(
            model_name="submission",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["folded_name"], name="submission_by_trigrams", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.RemoveIndex(model_name="receipt", name="receipt_by_start_of_number"),
        migrations.AddField(model_name="receipt", name="folded_number", field=_folded("number")),
        migrations.AddIndex(
            model_name="receipt",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["folded_number"], name="receipt_by_trigrams", opclasses=["gin_trgm_ops"]
            ),
        ),
    ]
