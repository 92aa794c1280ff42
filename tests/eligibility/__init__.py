"""Tests of the rules: tables of cases, properties, and the shapes others rely on."""
