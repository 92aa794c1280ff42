"""A receipt in the public log: its leaf, and the proof that it is there, checked without a database."""

from intake.signing.keys import KeySet
from intake.transparency.checking import Inclusion, check_inclusion
from intake.transparency.leaves import LeafContent

from .statement import ReceiptStatement


def leaf_of(facts: ReceiptStatement) -> LeafContent:
    """Return what the public log says of the receipt that states `facts`."""
    return LeafContent(number=facts.number, received_at=facts.received, seal=facts.seal)


def check_logged(proof: object, facts: ReceiptStatement, keys: KeySet) -> Inclusion:
    """Return where the published `proof` shows the receipt that states `facts` to be in the log.

    :raises intake.transparency.checking.ProofRefusedError: it does not show it, or of another receipt.
    """
    return check_inclusion(proof, keys, receipt=leaf_of(facts))
