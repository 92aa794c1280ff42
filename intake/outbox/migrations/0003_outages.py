"""How often a delivery found the mail server away: these attempts are no fault of its own, and are given back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0002_deliveries_in_order"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="outages",
            # The database's own default too: a version that does not know the column still posts.
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, verbose_name="essais sans serveur de courriel"
            ),
        ),
    ]
