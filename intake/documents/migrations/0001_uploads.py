import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, unique=True, verbose_name="identifiant public"
                    ),
                ),
                ("kind", models.CharField(max_length=32, verbose_name="genre de document")),
                ("original_name", models.CharField(max_length=120, verbose_name="nom du fichier")),
                ("media_type", models.CharField(max_length=64, verbose_name="type du fichier reçu")),
                ("size", models.PositiveBigIntegerField(verbose_name="taille reçue (octets)")),
                ("pages", models.PositiveIntegerField(verbose_name="pages")),
                ("sha256", models.CharField(max_length=64, verbose_name="empreinte SHA-256 du fichier reçu")),
                (
                    "clean_sha256",
                    models.CharField(max_length=64, verbose_name="empreinte SHA-256 du fichier nettoyé"),
                ),
                (
                    "file",
                    models.FileField(
                        max_length=200, upload_to="documents/clean", verbose_name="fichier nettoyé"
                    ),
                ),
                (
                    "original",
                    models.FileField(
                        blank=True,
                        db_default="",
                        default="",
                        max_length=200,
                        upload_to="documents/received",
                        verbose_name="fichier reçu",
                    ),
                ),
                (
                    "thumbnail",
                    models.FileField(
                        max_length=200, upload_to="documents/thumbnails", verbose_name="aperçu de la page 1"
                    ),
                ),
                (
                    "small_thumbnail",
                    models.FileField(
                        blank=True,
                        db_default="",
                        default="",
                        max_length=200,
                        upload_to="documents/small-thumbnails",
                        verbose_name="petit aperçu de la page 1",
                    ),
                ),
                (
                    "neutralised",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=32),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="éléments retirés",
                    ),
                ),
                (
                    "warnings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=32),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="avertissements",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="reçu le")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="uploads",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="personne",
                    ),
                ),
            ],
            options={
                "verbose_name": "document téléversé",
                "verbose_name_plural": "documents téléversés",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pages__gte", 1)), name="upload_has_at_least_one_page"
                    ),
                    models.CheckConstraint(condition=models.Q(("size__gte", 1)), name="upload_is_not_empty"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("clean_sha256__regex", "^[0-9a-f]{64}$"), ("sha256__regex", "^[0-9a-f]{64}$")
                        ),
                        name="upload_digests_are_sha256",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("media_type__in", ["application/pdf", "image/jpeg", "image/png", "image/heic"])
                        ),
                        name="upload_is_pdf_or_picture",
                    ),
                ],
            },
        ),
    ]
