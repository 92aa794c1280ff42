"""What a real worker of the tests knows beside the portal: its settings and its own kinds of delivery."""
