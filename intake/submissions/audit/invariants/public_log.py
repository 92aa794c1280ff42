"""Invariants of the transparency log and the receipts. The command `verify_log` checks its hashes and signatures."""

from typing import Final

from intake.journal.invariants import Invariant
from intake.transparency.checking import FILING_MARGIN

PUBLIC_LOG: Final = (
    Invariant(
        "a_leaf_of_the_log_has_its_receipt",
        """
        SELECT l.number FROM transparency_leaf l
        WHERE NOT EXISTS (SELECT FROM submissions_receipt r WHERE r.number = l.number)
        """,
    ),
    Invariant(
        "a_leaf_of_the_log_says_what_its_filing_says",
        """
        SELECT l.number FROM transparency_leaf l
            JOIN submissions_receipt r ON r.number = l.number
            JOIN submissions_filing f ON f.id = r.filing_id
            JOIN dossiers_seal seal ON seal.id = f.seal_id
            CROSS JOIN LATERAL (SELECT l.text::jsonb AS said) leaf
        WHERE (leaf.said ->> 'number', leaf.said ->> 'seal', leaf.said ->> 'received_at') IS DISTINCT FROM (
            r.number, seal.digest, to_char(f.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        )
        """,
    ),
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
