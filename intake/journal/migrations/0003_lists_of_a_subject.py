"""Index of the lists that showed a subject."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_sealed_entries")]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=GinIndex(
                models.Func(
                    models.F("detail"),
                    models.Value(" "),
                    function="string_to_array",
                    output_field=ArrayField(models.TextField()),
                ),
                condition=models.Q(action="LIST_SHOWN"),
                name="journal_lists_of_a_subject",
            ),
        ),
    ]
