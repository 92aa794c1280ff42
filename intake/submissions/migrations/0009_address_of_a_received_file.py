"""The address from which a file was sent, until it is inspected."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("submissions", "0008_arrivals_in_line")]

    operations = [
        migrations.AddField(
            model_name="pendingupload",
            name="client",
            field=models.GenericIPAddressField(null=True, verbose_name="adresse réseau"),
        ),
    ]
