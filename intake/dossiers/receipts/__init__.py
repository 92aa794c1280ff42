"""The signed receipt: its facts, its PDF and its JSON twin, how they are made, read back and verified."""
