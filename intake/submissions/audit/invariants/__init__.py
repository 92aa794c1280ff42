"""Invariants of submissions, filings and their proofs, as SQL queries that return violations."""

from typing import Final

from .commits import COMMITS
from .complements import COMPLEMENTS
from .filings import FILINGS
from .proofs import PROOFS
from .public_log import PUBLIC_LOG
from .states import STATES

INVARIANTS: Final = FILINGS + COMMITS + PROOFS + PUBLIC_LOG + STATES + COMPLEMENTS
