"""How long what people filed is kept, what holds it longer, and what was erased."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = []
