"""The statements of a rush that ask which arrivals wait, whose plans are kept."""

from django.db import migrations

from offers.sql_files import load_sql


class Migration(migrations.Migration):
    dependencies = [("submissions", "0007_applicant_in_a_rush")]

    operations = [
        load_sql(__file__, "arrivals_that_wait"),
        load_sql(__file__, "next_arrival_in_line"),
        load_sql(__file__, "waits_since"),
    ]
