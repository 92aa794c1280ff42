"""What must hold of candidatures, filings and their proofs, in the words of the database's own constraints."""

from typing import Final

from .commits import COMMITS
from .complements import COMPLEMENTS
from .filings import FILINGS
from .proofs import PROOFS
from .public_log import PUBLIC_LOG
from .states import STATES

INVARIANTS: Final = FILINGS + COMMITS + PROOFS + PUBLIC_LOG + STATES + COMPLEMENTS
