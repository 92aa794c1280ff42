"""The account change by which a former mailbox undoes a change of its own address."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from offers.sql_files import load_sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_hashed_recovery_codes")]

    operations = [
        migrations.AddField(
            "accountchange",
            "undoes",
            models.OneToOneField(
                "accounts.accountchange",
                django.db.models.deletion.PROTECT,
                null=True,
                blank=True,
                editable=False,
                related_name="undone_by",
            ),
        ),
        migrations.AddConstraint(
            "accountchange",
            models.CheckConstraint(
                condition=Q(undoes__isnull=True) | Q(kind__in=["OWN_ADDRESS", "CLOSING"]),
                name="an_undone_address_is_given_back_or_its_account_closed",
            ),
        ),
        migrations.RunSQL("DROP FUNCTION keep_account_change CASCADE", migrations.RunSQL.noop),
        migrations.RunSQL(load_sql(__file__, "keep_account_change").sql, migrations.RunSQL.noop),
    ]
