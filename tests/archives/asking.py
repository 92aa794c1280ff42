"""What a portal's own process does for an archive."""

import json
from io import StringIO
from typing import Final

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

_OF_THE_RUN: Final = {("check_invariants", "checked"), ("export_shortlist", "path")}
"""Members of answers that another version, or another folder, changes."""


def ask(commands: dict[str, list[str]]) -> None:
    """Print the exit code and the output of each command, by its name."""
    said = {}
    for name, command in commands.items():
        out, status = StringIO(), 0
        try:
            call_command(*command, stdout=out)
        except SystemExit as ended:
            status = int(ended.code or 0)
        output = json.loads(out.getvalue())
        said[name] = [status, {key: output[key] for key in output if (command[0], key) not in _OF_THE_RUN}]
    print(json.dumps(said))  # noqa: T201 -- the caller reads it


def migrate_to(targets: list[tuple[str, str]]) -> None:
    """Migrate the database to these migrations, given by app and name."""
    MigrationExecutor(connection).migrate([(app, name) for app, name in targets])
