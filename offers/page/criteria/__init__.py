"""The sentences that say who may apply, read as criteria of the contract's rulebook JSON."""

from .parser import read_criteria

__all__ = ["read_criteria"]
