"""Benchmarks of the performance targets, each measured side by side with its reference: `make bench`.

One module per target (`docs/targets.md`): `p12_verdicts.py` registers P12 with `benchmark` and is found by its name.
"""
