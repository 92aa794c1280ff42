"""Quebec date and time formats for Django's own pages; the portal's use `intake.web.formats`, which writes « 1er »."""

DATE_FORMAT = "j\u00a0F\u00a0Y"
TIME_FORMAT = "G\u00a0\\h\u00a0i"
DATETIME_FORMAT = f"{DATE_FORMAT}, {TIME_FORMAT}"
