"""The sealed payload and what is made of it: receipt, PDF, merge."""
