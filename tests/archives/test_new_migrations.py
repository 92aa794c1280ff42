"""`scripts/lint_migrations.py`: a migration since the last release that would stop the portal is refused."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from scripts import lint_migrations
from scripts.lint_migrations import new_migrations, released

pytestmark = pytest.mark.django_db


def test_a_lock_that_stops_the_portal_is_found(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first migrations of submissions add foreign keys to tables of others: done at once, nobody is there."""
    first = ("submissions", "0001_filings")
    monkeypatch.setattr(lint_migrations, "new_migrations", lambda *_args, **_options: [first])

    with pytest.raises(SystemExit):
        lint_migrations.main()

    assert "adding-foreign-key-constraint" in capfd.readouterr().out


def test_released_migrations_are_not_read_again() -> None:
    assert not set(new_migrations(MigrationLoader(connection), released=released())) & released()
    assert ("offers", "0002_criteria_and_history") in new_migrations(
        MigrationLoader(connection), released=set()
    )
