"""Assessments, their scores and weights, and who may read them."""
