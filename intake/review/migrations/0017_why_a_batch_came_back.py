"""A batch that came back to be prepared says why."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0016_approvals_that_hold_no_more"),
    ]

    operations = [
        migrations.AddField(
            model_name="decisionbatch",
            name="returned_for",
            field=models.CharField(blank=True, default="", max_length=24, verbose_name="motif du retour"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="decisionbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("returned_for", ""), ("returned_at__isnull", False), _connector="OR"),
                name="a_returned_batch_says_since_when",
            ),
        ),
    ]
