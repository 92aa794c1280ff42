import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_small_thumbnails")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="warnings",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=32),
                blank=True,
                db_default=[],
                default=list,
                size=None,
                verbose_name="avertissements",
            ),
        ),
    ]
