"""What staff choose for the whole portal."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SitePreferences",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("english_offered", models.BooleanField(default=True, verbose_name="anglais offert")),
            ],
            options={
                "verbose_name": "préférences du portail",
                "verbose_name_plural": "préférences du portail",
                "default_permissions": ("change",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="the_portal_has_one_set_of_preferences"
                    )
                ],
            },
        ),
    ]
