"""Bulk runs: one move of many files, with a dry run and a confirmation, done by a job."""
