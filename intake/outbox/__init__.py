"""Every message and every job is a row first, done once by a worker, again when the worker failed."""
