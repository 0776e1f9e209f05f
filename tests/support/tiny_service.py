"""A service of a few lines: it serves its version on the socket it is handed, once it said that it is ready.

``python tiny_service.py VERSION``: of version ``broken`` it ends at once, of ``sleepy`` it never gets ready.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = sys.argv[1].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def tell(notice: str) -> None:
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            ear.sendto(notice.encode(), address)


def main(version: str) -> None:
    if version == "broken":
        sys.exit("error: This version is broken.\nremedy: Take another one.")
    assert (os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"]) == (str(os.getpid()), "1")
    server = HTTPServer(("", 0), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=3)
    stop = threading.Thread(target=server.shutdown)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.start())
    if version == "sleepy":
        tell("STATUS=it is asleep")
        signal.pause()
    tell("READY=1\nSTATUS=ready")
    server.serve_forever(poll_interval=0.01)


main(sys.argv[1])
