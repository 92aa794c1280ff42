from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_uploads")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="small_thumbnail",
            field=models.FileField(
                blank=True,
                db_default="",
                default="",
                max_length=200,
                upload_to="documents/small-thumbnails",
                verbose_name="petit aperçu de la page 1",
            ),
        ),
    ]
