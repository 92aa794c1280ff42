"""Each rule that reads a table names it in one schema, whatever temporary table a session puts before it.

Here for the rules of every application, of which this one is the highest.
"""

from django.db import migrations

FUNCTIONS = (
    "free_reserve_place",
    "offers_keep_record",
    "refuse_change_of_a_participation",
    "refuse_foreign_evidence",
    "refuse_leaf_out_of_order",
    "refuse_root_out_of_order",
    "refuse_unconfirmed_selection",
    "say_found_after_selection",
)


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0011_an_extension_moves_the_closing"),
        ("register", "0002_rows_that_stay_removed"),
        ("review", "0022_evidence_on_a_document_names_its_page"),
        ("submissions", "0019_when_a_filing_was_committed"),
        ("transparency", "0002_the_log_only_grows"),
    ]

    operations = [
        migrations.RunSQL(
            [f"ALTER FUNCTION {name}() SET search_path = public, pg_temp" for name in FUNCTIONS],
            [f"ALTER FUNCTION {name}() RESET search_path" for name in FUNCTIONS],
        ),
    ]
