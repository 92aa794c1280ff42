"""Operation of the portal: health endpoints and invariant checks."""
