"""`manage.py serve_metrics`: answer Prometheus, until stopped."""

import signal
import threading
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from prometheus_client import CollectorRegistry, start_http_server

from intake.operations.metrics import PortalCollector
from intake.startup_checks import check_settings_complete

MAX_PORT = 65535


def address(text: str) -> tuple[str, int]:
    """Return a host and a port, such as `127.0.0.1:9101`, from the command line."""
    host, _colon, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 <= int(port) <= MAX_PORT:
        msg = f"{text!r}: give a host and a port, such as 127.0.0.1:9101"
        raise ArgumentTypeError(msg)
    return host.removeprefix("[").removesuffix("]"), int(port)


class Command(BaseCommand):
    """Serve the metrics by HTTP, each scrape read anew."""

    requires_system_checks = ()  # they import every page
    help = "Answer Prometheus at /metrics until stopped. Its address is for the monitoring alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--address",
            type=address,
            default="127.0.0.1:9101",
            metavar="HOST:PORT",
            help="where to listen (127.0.0.1:9101 when not given)",
        )
        parser.add_argument(
            "--web",
            type=address,
            action="append",
            metavar="HOST:PORT",
            help="web servers whose /readyz is asked: every server that the name leads to; may be repeated",
        )
        parser.add_argument(
            "--certificate",
            type=address,
            action="append",
            metavar="HOST:PORT",
            help="address that shows the certificate of the site; may be repeated",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        check_settings_complete()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        registry = CollectorRegistry()
        registry.register(
            PortalCollector(webs=options["web"] or (), certificates=options["certificate"] or ())
        )
        host, port = options["address"]
        server, thread = start_http_server(port, addr=host, registry=registry)
        self.stdout.write(f"metrics at http://{host}:{server.server_port}/metrics")
        self.stdout.flush()
        stop.wait()
        server.shutdown()
        thread.join()
        server.server_close()
