"""The criteria, one class per kind (`docs/contracts.md`). `docs/rules.md` gives the rule of each kind."""
