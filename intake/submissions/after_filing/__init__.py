"""Amend a filing, discard the amendment, withdraw."""
