"""An HTTP server on the loopback interface, for as long as a test is inside it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class LoopbackHttp:
    """Serves from `__enter__` to `__exit__`; its address stands at once."""

    def listen(self, handler: type[BaseHTTPRequestHandler]) -> str:
        """Bind a free port for this handler, and return the address of the server."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
