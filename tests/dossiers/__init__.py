"""Tests of the dossiers."""
