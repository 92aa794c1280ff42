"""The days of an offer are called the same whatever its programme; no column changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offers", "0007_no_offer_without_a_programme")]

    operations = [
        migrations.AlterField(
            model_name="offer", name="starts_on", field=models.DateField(verbose_name="premier jour")
        ),
        migrations.AlterField(
            model_name="offer", name="ends_on", field=models.DateField(verbose_name="dernier jour")
        ),
        migrations.AlterField(
            model_name="rulebookversion",
            name="starts_on",
            field=models.DateField(blank=True, null=True, verbose_name="premier jour"),
        ),
    ]
