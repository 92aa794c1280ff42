"""A mail server that records its conversations."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Conversation(socketserver.StreamRequestHandler):
    """One connection to a mail server that accepts everything and lists its extensions after the greeting."""

    server: "MailServer"

    def handle(self) -> None:
        self.wfile.write(b"220 serveur.invalid\r\n")
        for line in self.rfile:
            said = line.decode().strip()
            self.server.heard.append(said)
            verb = said.split(" ")[0].upper()
            if verb in self.server.answers:
                answer = self.server.answers[verb]
                if answer is None:
                    return
                self.wfile.write(answer)
            elif verb == "EHLO":
                lines = ["serveur.invalid", *self.server.can, "8BITMIME"]
                *others, last = lines
                self.wfile.write("".join(f"250-{one}\r\n" for one in others).encode())
                self.wfile.write(f"250 {last}\r\n".encode())
            elif verb == "DATA":
                self.wfile.write(b"354 \r\n")
                letter = []
                for content in self.rfile:
                    if content == b".\r\n":
                        break
                    letter.append(content.decode())
                self.server.letters.append("".join(letter))
                self.wfile.write(b"250 taken\r\n")
            elif verb == "QUIT":
                self.wfile.write(b"221 \r\n")
                return
            else:
                self.wfile.write(b"250 \r\n")


class MailServer(socketserver.ThreadingTCPServer):
    """What it `heard`, in order, and the `letters` it took. `can`: its extensions.

    `answers`: by verb, another answer than the usual one; None closes the connection.
    """

    daemon_threads = True

    def __init__(self, *can: str) -> None:
        self.can, self.heard, self.letters = can, list[str](), list[str]()
        self.answers: dict[str, bytes | None] = {}
        super().__init__(("127.0.0.1", 0), _Conversation)


@contextmanager
def serving(*can: str) -> Iterator[MailServer]:
    """Run a mail server for the duration of a block."""
    with MailServer(*can) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
