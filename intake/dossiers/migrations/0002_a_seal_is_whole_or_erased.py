from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0001_seals")]

    operations = [
        migrations.RemoveConstraint(model_name="seal", name="seal_keeps_content_and_salt_together"),
        migrations.AddConstraint(
            model_name="seal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("canonical__isnull", True), ("salt__isnull", True)),
                    models.Q(
                        ("canonical__isnull", False),
                        ("salt__isnull", False),
                        ("salt__regex", "^[0-9a-f]{64}$"),
                    ),
                    _connector="OR",
                ),
                name="seal_keeps_content_and_salt_together",
            ),
        ),
    ]
