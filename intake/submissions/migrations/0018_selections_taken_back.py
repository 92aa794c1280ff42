"""A selection may be taken back, until the stage begins."""

from django.db import migrations, models

ACTIONS = (
    "FILE",
    "AMEND",
    "WITHDRAW",
    "START_REVIEW",
    "REQUEST_COMPLEMENT",
    "RESUME",
    "FIND_INADMISSIBLE",
    "REOPEN",
    "JUDGE_AGAIN",
    "SHORTLIST",
    "LEAVE_SHORTLIST",
    "INVITE",
    "RECOMMEND",
    "SELECT",
    "PUT_ON_RESERVE",
    "DECLINE",
    "TAKE_BACK",
    "PLACE",
    "COMPLETE",
)


class Migration(migrations.Migration):
    dependencies = [
        ("submissions", "0017_complement_rules"),
    ]

    operations = [
        migrations.AlterField(
            model_name="transition",
            name="action",
            field=models.CharField(choices=[(code, code) for code in ACTIONS], max_length=24),
        ),
    ]
