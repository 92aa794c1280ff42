"""What other servers report of a mail, and a mail that somebody has sent again."""

from typing import Any

from django.db import migrations, models
from django.db.models import Q

WAS, IS = "Peut renvoyer un envoi en échec", "Peut renvoyer un envoi"


def _rename(apps: Any, *, was: str, name: str) -> None:
    apps.get_model("auth", "Permission").objects.filter(codename="resend_delivery", name=was).update(
        name=name
    )


def _say_that_any_mail_is_sent_again(apps: Any, _editor: Any) -> None:
    _rename(apps, was=WAS, name=IS)


def _say_what_failed_alone(apps: Any, _editor: Any) -> None:
    _rename(apps, was=IS, name=WAS)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("outbox", "0004_let_go"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="delivery",
            options={
                "default_permissions": ("view",),
                "permissions": [("resend_delivery", IS)],
                "verbose_name": "envoi",
                "verbose_name_plural": "envois",
            },
        ),
        migrations.RunPython(_say_that_any_mail_is_sent_again, _say_what_failed_alone),
        migrations.AddField(
            model_name="delivery",
            name="asked_again_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="relancé le"),
        ),
        migrations.AddField(
            model_name="message",
            name="is_to_go_again",
            field=models.BooleanField(db_default=False, default=False, verbose_name="à renvoyer"),
        ),
        migrations.AddField(
            model_name="message",
            name="arrived_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="arrivé le"),
        ),
        migrations.AddField(
            model_name="message",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="revenu le"),
        ),
        migrations.AddField(
            model_name="message",
            name="report_code",
            field=models.CharField(blank=True, db_default="", max_length=9, verbose_name="code du retour"),
        ),
        migrations.AddField(
            model_name="message",
            name="report_words",
            field=models.CharField(blank=True, db_default="", max_length=500, verbose_name="motif du retour"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=Q(arrived_at__isnull=True) | Q(returned_at__isnull=True),
                name="message_arrived_or_came_back",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=["returned_at"], name="message_came_back", condition=Q(returned_at__isnull=False)
            ),
        ),
    ]
