"""Rulings: a person decides on a finding that the rules refuse."""
