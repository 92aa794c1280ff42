"""Read many rows a few at a time, without a cursor that outlives its statement."""

from collections.abc import Iterator
from itertools import batched

from django.db.models import Model, QuerySet


def read_in_batches[Row: Model](rows: QuerySet[Row], *, size: int) -> Iterator[Row]:
    """Yield `rows` in their order, reading their keys first and then `size` rows at a time.

    `QuerySet.iterator` would keep a cursor in a session of the database, or all rows in memory: a pooler may give each
    statement another session (`docs/several-machines.md`). A row that leaves `rows` before its turn is left out.
    """
    for keys in batched(list(rows.values_list("pk", flat=True)), size):
        found = rows.in_bulk(keys)
        yield from (found[key] for key in keys if key in found)
