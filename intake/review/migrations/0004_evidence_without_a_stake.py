"""A selection rests on evidence of people without a link to the file, newer than what the register has of the name."""

from django.db import migrations

from offers.sql_files import load_sql


class Migration(migrations.Migration):
    dependencies = [("review", "0003_decisions"), ("submissions", "0008_arrivals_in_line")]

    operations = [
        migrations.RunSQL("DROP FUNCTION refuse_unconfirmed_selection CASCADE", migrations.RunSQL.noop),
        migrations.RunSQL(load_sql(__file__, "refuse_unconfirmed_selection").sql, migrations.RunSQL.noop),
    ]
