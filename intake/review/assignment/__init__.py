"""Assignment of files to committee members: by hand, by CSV list, by even division. Due days and progress."""
