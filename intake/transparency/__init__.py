"""Public log of the receipts: a Merkle tree with published, signed roots, so that removing a filing is detectable."""
