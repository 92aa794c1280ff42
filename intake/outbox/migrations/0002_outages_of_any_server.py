from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_deliveries_and_messages")]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="outages",
            field=models.PositiveSmallIntegerField("essais pendant une panne", default=0, db_default=0),
        ),
    ]
