"""Mutation testing of the whole product: small changes, one at a time, and those that no test detects."""
