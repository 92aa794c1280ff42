import django.db.models.deletion
from django.db import migrations, models

from intake.web import privileges


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0005_receipts_made_again")]

    operations = [
        migrations.CreateModel(
            name="LostDossier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64, verbose_name="empreinte SHA-256")),
                ("size", models.PositiveBigIntegerField(verbose_name="taille (octets)")),
                ("pages", models.PositiveIntegerField(verbose_name="pages")),
                ("built_at", models.DateTimeField(verbose_name="produit le")),
                ("noted_at", models.DateTimeField(verbose_name="remplacé le")),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="lost",
                        to="dossiers.dossier",
                        verbose_name="dossier",
                    ),
                ),
            ],
            options={
                "verbose_name": "fichier de dossier perdu",
                "verbose_name_plural": "fichiers de dossiers perdus",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="lost_dossier_digest_is_sha256",
                    ),
                ],
            },
        ),
        privileges.append_only("dossiers_lostdossier"),
    ]
