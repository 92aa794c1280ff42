"""Who sits on a committee, and whether it reads without names."""
