"""Running the portal: is it up, is it ready, and what does it look like with people in it."""
