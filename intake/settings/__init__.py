"""One module for each kind of installation, over `base`."""
