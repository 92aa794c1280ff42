"""The reference of the request that posted a delivery."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0003_keys_in_use")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="request_reference",
            field=models.CharField(db_default="-", default="-", editable=False, max_length=14),
        ),
    ]
