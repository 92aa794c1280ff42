"""A human review ends as inadmissible by a person other than those who confirmed its findings."""

from django.db import migrations

from offers.sql_files import load_sql


class Migration(migrations.Migration):
    dependencies = [("submissions", "0009_address_of_a_received_file")]

    operations = [load_sql(__file__, "refuse_upholding_alone")]
