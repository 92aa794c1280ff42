from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_upload_warnings")]

    operations = [
        migrations.AlterField(
            model_name="upload",
            name="original",
            field=models.FileField(
                blank=True,
                db_default="",
                default="",
                max_length=200,
                upload_to="documents/received",
                verbose_name="fichier reçu",
            ),
        ),
    ]
