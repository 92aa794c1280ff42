"""What is done to many candidatures at once may find one that is incomplete."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0019_what_is_found_after_a_selection"),
        ("submissions", "0016_complement_requests"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="bulkitem",
            name="bulk_item_found_state_is_known",
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("found", ""),
                    (
                        "found__in",
                        [
                            "DRAFT",
                            "SUBMITTED",
                            "UNDER_REVIEW",
                            "COMPLEMENT_REQUESTED",
                            "INADMISSIBLE",
                            "SHORTLISTED",
                            "INTERVIEW",
                            "RECOMMENDED",
                            "SELECTED",
                            "RESERVE",
                            "DECLINED",
                            "WITHDRAWN",
                            "PLACED",
                            "COMPLETED",
                        ],
                    ),
                    _connector="OR",
                ),
                name="bulk_item_found_state_is_known",
            ),
        ),
    ]
