"""A batch whose approval holds no more when it is to leave goes back to being prepared, and says since when."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0015_decisions_on_what_was_read"),
    ]

    operations = [
        migrations.AddField(
            model_name="decisionbatch",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="revenu en préparation le"),
        ),
        migrations.AddConstraint(
            model_name="decisionbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("returned_at__isnull", True), ("state__in", ["PREPARED", "REVOKED"]), _connector="OR"
                ),
                name="a_returned_batch_is_approved_anew",
            ),
        ),
    ]
