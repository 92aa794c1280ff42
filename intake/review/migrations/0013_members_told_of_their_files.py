"""What a member was told of the files assigned to them. Those of before this are taken as told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0012_exports_by_a_worker"),
    ]

    operations = [
        migrations.AddField(
            model_name="assignment",
            name="told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="annoncée le"),
        ),
        migrations.RunSQL(
            "UPDATE review_assignment SET told_at = assigned_at", reverse_sql=migrations.RunSQL.noop
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("told_at", None)), fields=["reviewer"], name="assignments_to_be_told"
            ),
        ),
    ]
