"""Mutation testing of the whole product: small changes put in one at a time, and what no test sees of them."""
