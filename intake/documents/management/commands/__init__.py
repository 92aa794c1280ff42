"""`manage.py inspect_upload` and `manage.py reclaim_uploads`."""
