"""Fault runs: parts of the portal are killed, with real servers and processes, at points named outside the product."""
