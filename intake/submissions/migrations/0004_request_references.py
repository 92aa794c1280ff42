"""The reference of the request that brought an arrival."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("submissions", "0003_indexes_of_refusals")]

    operations = [
        migrations.AddField(
            model_name="arrival",
            name="request_reference",
            field=models.CharField(db_default="-", default="-", editable=False, max_length=14),
        ),
    ]
