"""Why people are declined while the offer is open, or without a mark."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0004_evidence_without_a_stake")]

    operations = [
        migrations.AddField(
            "decisionbatch",
            "reason",
            models.CharField("motif, pour l’équipe", max_length=500, blank=True, db_default=""),
        ),
    ]
