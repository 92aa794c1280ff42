"""An offer changed: whom it concerns, what their drafts' pages say, whose result would change."""
