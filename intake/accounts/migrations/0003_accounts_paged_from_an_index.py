"""The list of accounts, paged from an index alone: which of them a page far into it begins with is read nowhere else."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_accounts_to_find")]

    operations = [
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["email"], include=("id", "is_active"), name="accounts_in_order"),
        ),
    ]
