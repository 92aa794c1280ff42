"""A removal keeps the digest of its row: a rebuild enters again what is completed, and not what was removed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0001_register"),
    ]

    operations = [
        migrations.AddField(
            model_name="removal",
            name="whole",
            field=models.CharField(
                blank=True, db_default="", editable=False, max_length=64, verbose_name="empreinte"
            ),
        ),
        migrations.AddIndex(
            model_name="removal",
            index=models.Index(
                condition=models.Q(("whole", ""), _negated=True),
                fields=["whole", "year"],
                name="removal_of_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="removal",
            constraint=models.CheckConstraint(
                condition=models.Q(("whole", ""), ("whole__regex", "^[0-9a-f]{64}$"), _connector="OR"),
                name="removal_holds_a_digest_alone",
            ),
        ),
    ]
