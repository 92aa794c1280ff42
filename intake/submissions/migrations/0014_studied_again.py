"""The study of a file that was found inadmissible may be opened again."""

from django.db import migrations, models

ACTIONS = (
    "FILE",
    "AMEND",
    "WITHDRAW",
    "START_REVIEW",
    "FIND_INADMISSIBLE",
    "REOPEN",
    "SHORTLIST",
    "LEAVE_SHORTLIST",
    "INVITE",
    "RECOMMEND",
    "SELECT",
    "PUT_ON_RESERVE",
    "DECLINE",
    "PLACE",
    "COMPLETE",
)


class Migration(migrations.Migration):
    dependencies = [
        ("submissions", "0013_shortlists_read_from_an_index"),
    ]

    operations = [
        migrations.AlterField(
            model_name="transition",
            name="action",
            field=models.CharField(choices=[(code, code) for code in ACTIONS], max_length=24),
        ),
    ]
