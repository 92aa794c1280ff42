"""A decision remembers which message was approved: the one that leaves is that one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0017_why_a_batch_came_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="decisionitem",
            name="letter",
            field=models.CharField(
                blank=True, default="", editable=False, max_length=64, verbose_name="message approuvé"
            ),
            preserve_default=False,
        ),
    ]
