"""Each offer belongs to a programme: those written so far, to the first one."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def _join_the_first(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    alias = editor.connection.alias
    first = apps.get_model("offers", "Programme").objects.using(alias).get(code="STAGES-OIG")
    apps.get_model("offers", "Offer").objects.using(alias).update(programme=first)


class Migration(migrations.Migration):
    dependencies = [("offers", "0005_programmes")]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="programme",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="offers",
                to="offers.programme",
                verbose_name="programme",
            ),
        ),
        migrations.RunPython(_join_the_first, migrations.RunPython.noop),
    ]
