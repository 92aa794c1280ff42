"""The public log of receipts, which only grows."""

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from intake.base.sql_files import load_sql
from intake.journal.privileges import append_only


class Migration(migrations.Migration):
    initial = True
    dependencies = [("journal", "0001_chained_entries")]

    operations = [
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("position", models.PositiveBigIntegerField("rang", primary_key=True, serialize=False)),
                ("number", models.CharField("numéro", max_length=64, unique=True)),
                ("text", models.TextField("inscription")),
            ],
            options={
                "verbose_name": "inscription au registre public",
                "verbose_name_plural": "inscriptions au registre public",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Node",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level", "position", primary_key=True, blank=True, editable=False, serialize=False
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("position", models.PositiveBigIntegerField()),
                ("hash", models.BinaryField()),
            ],
            options={
                "verbose_name": "nœud du registre public",
                "verbose_name_plural": "nœuds du registre public",
                "default_permissions": (),
                "indexes": [models.Index(fields=["hash"], condition=Q(level=0), name="log_leaf_by_hash")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Exact(Length("hash"), 32),
                        name="log_node_is_a_sha256",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Root",
            fields=[
                ("rank", models.PositiveBigIntegerField("rang", primary_key=True, serialize=False)),
                ("size", models.PositiveBigIntegerField("accusés de réception inscrits")),
                ("hash", models.CharField("racine", max_length=64)),
                ("published_at", models.DateTimeField("publiée le")),
                ("key_id", models.CharField("clé", max_length=64)),
                ("signature", models.BinaryField()),
            ],
            options={
                "verbose_name": "racine du registre public",
                "verbose_name_plural": "racines du registre public",
                "default_permissions": (),
                "indexes": [models.Index(fields=["size", "rank"], name="log_root_by_size")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(hash__regex="^[0-9a-f]{64}$"), name="log_root_is_a_sha256"
                    ),
                    models.CheckConstraint(condition=~Q(key_id=""), name="log_root_names_its_key"),
                ],
            },
        ),
        load_sql(__file__, "refuse_leaf_out_of_order"),
        load_sql(__file__, "refuse_root_out_of_order"),
        append_only("transparency_leaf"),
        append_only("transparency_node"),
        append_only("transparency_root"),
    ]
