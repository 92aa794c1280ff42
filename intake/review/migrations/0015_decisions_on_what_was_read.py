"""A decision keeps the version of the candidature it was prepared on: what moved since is not decided by it."""

from django.db import migrations, models

# What awaited its announcement before this was prepared on the candidature as it stood then: its moves since are taken off.
VERSION_THEN = """
UPDATE review_decisionitem AS item
SET version = greatest(0, submission.version - (
    SELECT count(*) FROM submissions_transition AS moved
    WHERE moved.submission_id = submission.id AND moved.at > batch.prepared_at
))
FROM review_decisionbatch AS batch, submissions_submission AS submission
WHERE item.state = 'OPEN' AND batch.id = item.batch_id AND submission.id = item.submission_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0014_blind_reading"),
        ("submissions", "0013_shortlists_read_from_an_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="decisionitem",
            name="version",
            field=models.PositiveIntegerField(null=True, verbose_name="version"),
        ),
        migrations.RunSQL(VERSION_THEN, reverse_sql=migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="decisionitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "OPEN"), _negated=True) | models.Q(("version__isnull", False)),
                name="an_open_decision_says_what_it_is_about",
            ),
        ),
    ]
