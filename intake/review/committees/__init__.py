"""Committee memberships and anonymous reviews."""
