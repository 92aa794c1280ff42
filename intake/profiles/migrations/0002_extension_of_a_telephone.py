"""A telephone number may have an extension, `+14185550142;ext=12`."""

from django.db import migrations, models
from django.db.models import Q

_NAME = "profiles_profile_phone_is_international"


class Migration(migrations.Migration):
    dependencies = [("profiles", "0001_profiles_and_notices")]

    operations = [
        migrations.RemoveConstraint("profile", _NAME),
        migrations.AlterField(
            "profile", "phone", models.CharField(blank=True, max_length=32, verbose_name="téléphone")
        ),
        migrations.AddConstraint(
            "profile",
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__regex=r"^\+[1-9][0-9]{3,14}(;ext=[0-9]{1,8})?$"), name=_NAME
            ),
        ),
    ]
