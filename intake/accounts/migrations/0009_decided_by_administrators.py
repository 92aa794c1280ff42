"""For the application's role, an applied change has two administrators; only the owner's has no author."""

from django.db import migrations

from offers.sql_files import load_sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_undone_addresses")]

    operations = [load_sql(__file__, "refuse_undecided_change")]
