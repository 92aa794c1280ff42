"""The embedded settings, with the addresses of `baseline_urls`."""

from intake.settings.embedded import *  # noqa: F403 -- every setting

ROOT_URLCONF = "tests.benchmarks.baseline_urls"
