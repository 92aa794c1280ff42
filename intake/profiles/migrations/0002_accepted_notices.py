import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from intake.web.privileges import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("profiles", "0001_profiles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NoticeAcceptance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("notice", models.CharField(max_length=32, verbose_name="avis")),
                ("version", models.CharField(max_length=16, verbose_name="version")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="accepté le",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="notice_acceptances",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "avis accepté",
                "verbose_name_plural": "avis acceptés",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "notice", "version"),
                        name="profiles_a_notice_is_accepted_once_per_version",
                    )
                ],
            },
        ),
        append_only("profiles_noticeacceptance"),
    ]
