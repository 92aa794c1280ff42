"""A receipt's leaf in the transparency log, and the check of its inclusion proof, without a database."""

from intake.signing.keys import KeySet
from intake.transparency.checking import Inclusion, check_inclusion
from intake.transparency.leaves import LeafContent

from .statement import ReceiptStatement


def leaf_of(facts: ReceiptStatement) -> LeafContent:
    """Return the leaf content of the receipt that states `facts`."""
    return LeafContent(number=facts.number, received_at=facts.received, seal=facts.seal)


def check_logged(proof: object, facts: ReceiptStatement, keys: KeySet) -> Inclusion:
    """Return the place in the log that `proof` shows for the receipt that states `facts`.

    :raises intake.transparency.checking.ProofRefusedError: if the proof is invalid or is about another receipt.
    """
    return check_inclusion(proof, keys, receipt=leaf_of(facts))
