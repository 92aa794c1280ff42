"""The portal: its rooms, its settings and its addresses."""
