"""The targets of performance, each measured side by side with what it is held against: `make bench`.

One module per target, `p12_verdicts.py` for P12: it registers itself with `benchmark`, and is found by its name.
"""
