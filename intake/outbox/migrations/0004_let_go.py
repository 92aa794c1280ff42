"""When a stored mail was let go unsent, or so it seems: an earlier attempt may have handed it over and died."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0003_outages"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="let_go_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="abandonné le"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(let_go_at__isnull=True),
                name="message_is_sent_or_let_go",
            ),
        ),
    ]
