"""A review that upheld the reserve of a file may be opened again: its rulings say which review they are part of."""

from django.db import migrations, models

ACTIONS = (
    "FILE",
    "AMEND",
    "WITHDRAW",
    "START_REVIEW",
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
    "PLACE",
    "COMPLETE",
)


class Migration(migrations.Migration):
    dependencies = [
        ("submissions", "0014_studied_again"),
    ]

    operations = [
        migrations.AddField(
            model_name="ruling",
            name="turn",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddConstraint(
            model_name="ruling",
            constraint=models.CheckConstraint(
                condition=models.Q(("turn__gte", 1)), name="reviews_are_counted_from_one"
            ),
        ),
        migrations.AlterField(
            model_name="transition",
            name="action",
            field=models.CharField(choices=[(code, code) for code in ACTIONS], max_length=24),
        ),
    ]
