from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("submissions", "0005_amendments_and_withdrawal"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reserve", "UPHELD"), _negated=True),
                    ("state__in", ["INADMISSIBLE", "WITHDRAWN"]),
                    _connector="OR",
                ),
                name="an_upheld_reserve_ends_the_study_of_the_file",
            ),
        ),
    ]
