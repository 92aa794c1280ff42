"""A public log of the receipts: a Merkle tree whose signed root is published, so that no filing is removed unseen."""
