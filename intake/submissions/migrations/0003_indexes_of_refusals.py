"""Indexes of what was refused in the last minutes, for the metrics. Made while the portal serves."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("submissions", "0002_reviews_delays_and_rules")]

    operations = [
        AddIndexConcurrently(
            "arrival",
            models.Index(fields=["settled_at"], name="arrivals_refused", condition=Q(state="REFUSED")),
        ),
        AddIndexConcurrently(
            "pendingupload",
            models.Index(fields=["settled_at"], name="pending_upload_refused", condition=Q(state="REFUSED")),
        ),
    ]
