"""The statement of a rush whose plan is kept."""

from django.db import migrations

from offers.sql_files import load_sql


class Migration(migrations.Migration):
    dependencies = [
        ("profiles", "0001_profiles_and_notices"),
        ("submissions", "0006_arrivals"),
    ]

    operations = [load_sql(__file__, "applicant_in_a_rush")]
