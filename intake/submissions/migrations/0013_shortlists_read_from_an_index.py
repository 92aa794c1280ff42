"""An offer's shortlist, known again from an index alone: which filings are on it, and under which reserve."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("submissions", "0012_no_way_round_the_deadline")]

    operations = [
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                condition=models.Q(("state", "SHORTLISTED")),
                fields=["offer", "standing_filing"],
                include=("reserve", "id"),
                name="submission_shortlisted",
            ),
        ),
    ]
