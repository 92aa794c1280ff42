"""An upload may be a photograph in HEIC."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_erased_originals")]

    operations = [
        migrations.RemoveConstraint("upload", "upload_is_pdf_jpeg_or_png"),
        migrations.AddConstraint(
            "upload",
            models.CheckConstraint(
                condition=models.Q(
                    media_type__in=["application/pdf", "image/jpeg", "image/png", "image/heic"]
                ),
                name="upload_is_pdf_or_picture",
            ),
        ),
    ]
