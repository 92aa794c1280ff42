"""The eligibility check without an account, and its answers carried into a draft."""
