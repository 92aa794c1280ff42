"""Tests of the rules: tables of cases, properties, and the JSON shapes that other code relies on."""
