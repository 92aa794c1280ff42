import django.db.models.deletion
from django.db import migrations, models

from intake.web import privileges


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=71, unique=True, verbose_name="empreinte")),
                ("schema", models.PositiveSmallIntegerField(verbose_name="schéma")),
                ("canonical", models.TextField(null=True, verbose_name="contenu scellé")),
                ("salt", models.CharField(max_length=64, null=True, verbose_name="sel")),
                ("created_at", models.DateTimeField(verbose_name="scellé le")),
            ],
            options={
                "verbose_name": "sceau",
                "verbose_name_plural": "sceaux",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^sha256:[0-9a-f]{64}$")),
                        name="seal_digest_is_sha256",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("canonical__isnull", True), ("salt__isnull", True)),
                            models.Q(("canonical__isnull", False), ("salt__regex", "^[0-9a-f]{64}$")),
                            _connector="OR",
                        ),
                        name="seal_keeps_content_and_salt_together",
                    ),
                ],
            },
        ),
        privileges.append_only("dossiers_seal"),
        migrations.CreateModel(
            name="Dossier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="numéro de dépôt")),
                ("file", models.FileField(max_length=200, upload_to="dossiers", verbose_name="fichier")),
                ("sha256", models.CharField(max_length=64, verbose_name="empreinte SHA-256")),
                ("size", models.PositiveBigIntegerField(verbose_name="taille (octets)")),
                ("pages", models.PositiveIntegerField(verbose_name="pages")),
                ("built_at", models.DateTimeField(verbose_name="produit le")),
                (
                    "seal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="dossier",
                        to="dossiers.seal",
                        verbose_name="sceau",
                    ),
                ),
            ],
            options={
                "verbose_name": "dossier",
                "verbose_name_plural": "dossiers",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pages__gte", 1)), name="dossier_has_at_least_one_page"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="dossier_digest_is_sha256",
                    ),
                ],
            },
        ),
    ]
