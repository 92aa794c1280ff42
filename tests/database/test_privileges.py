"""Privileges of the application's role, table by table, and agreement of models with foreign keys and NOT NULL."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models

from tests.database.catalogue import OTHERS

pytestmark = pytest.mark.django_db
ROLE = settings.APPLICATION_ROLE

ADDED_TO = """
    accounts_accountchange django_admin_log
    dossiers_lostdossier dossiers_remadereceipt dossiers_seal dossiers_signedreceipt journal_entry
    privacy_incident privacy_incidentupdate privacy_legalhold privacy_retentionrule
    profiles_noticeacceptance register_removal review_conflict
    review_evidence review_meetingnote review_shortlist review_shortlistexport review_shortlistrow
    submissions_arrival
    submissions_complementdocument submissions_complementrequest submissions_fileddocument submissions_filing
    submissions_personalextension submissions_receipt submissions_reviewrequest submissions_ruling
    submissions_transition submissions_verdict transparency_leaf transparency_node transparency_root
"""
ADDED_TO_AND_REMOVED_FROM = "offers_offerchange offers_offerextension register_participation"
WRITTEN = """
    accounts_user accounts_user_groups documents_upload dossiers_dossier dossiers_pagepictures
    offers_documentrequest offers_gridline offers_offer offers_openpoint offers_programme
    offers_rulebookversion offers_section offers_synonymgroup operations_backup operations_sitepreferences
    outbox_delivery
    outbox_heartbeat outbox_keyinuse outbox_message outbox_messageattachment outbox_outage profiles_profile
    review_anchorfile review_assessment review_assignment
    review_blindreading review_bulkitem review_bulkrun review_claim review_committeemember
    review_decisionbatch review_decisionitem review_exportorder review_linemark review_lineweight
    review_readingdraft review_readingkeys
    review_registermatch review_reserveplace review_savedview submissions_draft submissions_draftdocument
    submissions_documentpart submissions_pendingupload submissions_submission
"""
READ = """
    accounts_user_user_permissions auth_group auth_group_permissions auth_permission journal_link
"""
"""Written by `migrate` alone, and by a trigger."""
MAY: dict[str, set[str]] = (
    {
        table: {"SELECT", "INSERT", "UPDATE", "DELETE"}
        for table in (
            "accounts_invitation",
            "accounts_opensession",
            "accounts_provideridentity",
            *WRITTEN.split(),
            *OTHERS,
        )
    }
    | {table: {"SELECT"} for table in (*READ.split(), "privacy_erasure")}
    | {table: {"SELECT", "INSERT"} for table in ADDED_TO.split()}
    | {table: {"SELECT", "INSERT", "DELETE"} for table in ADDED_TO_AND_REMOVED_FROM.split()}
)
COLUMNS = {
    "accounts_accountchange": {"state", "decided_by_id", "decided_at"},
    "privacy_erasure": {"files", "files_removed_at"},
    "privacy_legalhold": {"lifted_by_id", "lifted_at", "lift_reason"},
    "review_conflict": {"lifted_by_id", "lifted_at", "lift_reason"},
    "submissions_arrival": {"state", "reason", "review_message", "draft_id"},
    "submissions_complementrequest": {"ended_at", "ending", "answered_by_id"},
}
"""Columns that may be updated in tables that may not."""
CLOSED_FUNCTIONS = {"erase_journal_details", "erase_mails", "link_journal_entry"}
WITHOUT_A_PATH = {
    "fold_text",
    "link_journal_entry",
    "offers_keep_published_rulebook",
    "refuse_emptying",
}
"""Functions without a search path: they read no table of ours, or only a function with a path may call them."""
AS_THEIR_OWNER = {"chain_journal_entry", "erase_account", "erase_submission"}


@pytest.fixture
def rows() -> Iterator[Any]:
    """Query of PostgreSQL's catalogue."""
    with connection.cursor() as cursor:

        def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

        yield ask


def test_the_role_of_the_application_has_the_listed_privileges_on_tables(rows: Any) -> None:
    found = rows(
        """SELECT c.relname, array_agg(p) FILTER (WHERE has_table_privilege(%s, c.oid, p)) FROM pg_class c,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES', 'MAINTAIN']) AS p
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') GROUP BY c.relname""",
        ROLE,
    )
    extensions = {"pg_stat_statements", "pg_stat_statements_info"}  # views for operators
    assert {table: set(held or ()) for table, held in found if table not in extensions} == MAY


def test_the_role_of_the_application_updates_only_the_listed_columns(rows: Any) -> None:
    found = rows(
        """SELECT c.relname, array_agg(a.attname::text) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
            AND NOT a.attisdropped AND has_column_privilege(%s, c.oid, a.attnum, 'UPDATE')
            AND NOT has_table_privilege(%s, c.oid, 'UPDATE')
        GROUP BY c.relname""",
        ROLE,
        ROLE,
    )
    assert {table: set(columns) for table, columns in found} == COLUMNS


def test_the_role_of_the_application_draws_from_sequences_and_sets_none(rows: Any) -> None:
    found = rows(
        """SELECT c.relname FROM pg_class c WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace
        AND (has_sequence_privilege(%s, c.oid, 'UPDATE') OR NOT has_sequence_privilege(%s, c.oid, 'USAGE'))""",
        ROLE,
        ROLE,
    )
    assert found == []


def test_functions_are_executable_and_run_as_their_owner_as_listed(rows: Any) -> None:
    found = rows(
        """SELECT p.proname::text, has_function_privilege(%s, p.oid, 'EXECUTE'), p.prosecdef FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')""",
        ROLE,
    )
    assert found
    assert {name for name, open_to_it, _definer in found if not open_to_it} == CLOSED_FUNCTIONS
    assert {name for name, _open, definer in found if definer} == AS_THEIR_OWNER


def test_functions_fix_their_search_path_except_the_listed_ones(rows: Any) -> None:
    found = rows(
        """SELECT p.proname::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
        AND 'search_path=public, pg_temp' <> ALL (coalesce(p.proconfig, '{}'))
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"""
    )
    assert {name for (name,) in found} == WITHOUT_A_PATH


def _columns() -> Iterator[tuple[str, models.Field[Any, Any]]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table not in OTHERS:
            for field in model._meta.local_fields:
                if field.column:
                    yield model._meta.db_table, field


def test_the_database_enforces_each_foreign_key_of_the_models(rows: Any) -> None:
    found = rows(
        """SELECT c.relname::text, a.attname::text, f.relname::text FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND k.conkey = ARRAY[a.attnum]
        WHERE k.contype = 'f' AND k.convalidated AND k.conenforced AND c.relname <> ALL (%s)""",
        list(OTHERS),
    )
    said = {
        (table, field.column, field.related_model._meta.db_table)
        for table, field in _columns()
        if isinstance(field, models.ForeignKey)
        and getattr(field, "db_constraint", False)
        and not isinstance(field.related_model, str)
    }
    assert set(found) == said


def test_columns_refuse_nulls_as_their_models_do(rows: Any) -> None:
    found = rows(
        """SELECT c.relname::text, a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
            AND NOT a.attisdropped AND a.attnotnull AND a.attgenerated = '' AND c.relname <> ALL (%s)""",
        list(OTHERS),
    )
    said = {
        (table, field.column)
        for table, field in _columns()
        if not field.null and not isinstance(field, models.GeneratedField | models.CompositePrimaryKey)
    }
    assert set(found) == said
