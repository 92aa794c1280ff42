"""Pages of the deliveries, whole or of one state or kind, are read from an index in their order; a start finds some."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0001_deliveries"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["created_at", "id"], name="delivery_in_order"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["state", "created_at", "id"], name="delivery_in_order_by_state"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["kind", "created_at", "id"], name="delivery_in_order_by_kind"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["key"], name="delivery_by_start_of_key", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["subject_id"],
                name="delivery_by_start_of_subject",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=["to_address"],
                name="message_by_start_of_address",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
    ]
