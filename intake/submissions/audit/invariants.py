"""Invariants of submissions, filings and their proofs."""

from typing import Final

from intake.journal.invariants import Invariant, invariants_in
from intake.transparency.checking import FILING_MARGIN

INVARIANTS: Final = (
    *invariants_in("submissions"),
    Invariant(
        "a_published_root_leaves_no_receipt_out",
        f"""
        SELECT r.number FROM submissions_receipt r
            JOIN submissions_filing f ON f.id = r.filing_id
        WHERE NOT EXISTS (SELECT FROM transparency_leaf l WHERE l.number = r.number)
            AND f.received_at + interval '{FILING_MARGIN.total_seconds():.0f} seconds'
                < (SELECT max(published_at) FROM transparency_root)
        """,  # noqa: S608 -- a figure of ours
    ),
)
