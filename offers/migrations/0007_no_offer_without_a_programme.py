"""Every offer has a programme from now on: the database refuses one without."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offers", "0006_offers_join_a_programme")]

    operations = [
        migrations.AlterField(
            model_name="offer",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="offers",
                to="offers.programme",
                verbose_name="programme",
            ),
        ),
    ]
