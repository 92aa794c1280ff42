"""Tests of `intake.accounts.identity_provider`."""
