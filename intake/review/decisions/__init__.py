"""Decision batches (prepare, dry run, approve, send), and the reserve list."""
