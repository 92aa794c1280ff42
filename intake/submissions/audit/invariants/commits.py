"""When filings were committed: their triggers judge it just before, and whoever writes SQL may have them judge sooner.

Asked of the server that wrote them, where it keeps the instants of commits: a restored copy was committed by its
restoration, and what the server forgot since is not judged.
"""

from typing import Final

from intake.journal.invariants import Invariant

# The closings that held as it was committed; those of 0017 else. A second more: the commit comes after it was judged.
# Numbers of transactions come back every four billion: an older one's instant would be another's.
COMMITS: Final = (
    Invariant(
        "a_filing_commits_within_a_minute_of_closing",
        """
        SELECT 'filing ' || f.id FROM (
            SELECT id, submission_id, received_at,
                CASE WHEN pg_snapshot_xmax(pg_current_snapshot())::text::bigint - transaction < 2147483648
                    THEN pg_xact_commit_timestamp((transaction % 4294967296)::text::xid) END AS committed_at
            FROM submissions_filing
            WHERE cluster = (SELECT system_identifier FROM pg_control_system())
        ) f
            JOIN submissions_submission s ON s.id = f.submission_id
            JOIN offers_offer o ON o.id = s.offer_id
        WHERE f.committed_at - interval '61 seconds' > GREATEST(coalesce((
            SELECT x.closed_at_before FROM offers_offerextension x
            WHERE x.offer_id = o.id AND x.at > f.committed_at ORDER BY x.at, x.id LIMIT 1
        ), o.closes_at), (
            SELECT max(e.closes_at) FROM submissions_personalextension e
            WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id AND e.at <= f.committed_at
        ), (
            SELECT max(c.due_at) FROM submissions_complementrequest c
            WHERE c.submission_id = s.id AND c.asked_at <= f.received_at
                AND (c.ended_at IS NULL OR c.ended_at >= f.received_at)
        ))
        """,
        setting="track_commit_timestamp",
    ),
)
