"""The portal: its apps, settings and URLs."""
