"""Outbox: each mail and each job is a stored row, performed by a worker, and retried if the worker fails."""
