"""The HTTP/1.1 of the server: uvicorn's, with an end for heads that never arrive and errors in our shape."""

import asyncio
import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from sincronizador.nube.configuration import Limites
from sincronizador.nube.edge import Marks
from sincronizador.nube.troubles import bad_request


def make_protocol(limits: Limites, marks: Marks) -> type[H11Protocol]:
    """
    The protocol for these limits.

    A connection on which no whole head arrives in `limits.cabecera` seconds is closed, also between two requests that
    began to arrive; one beyond `limits.conexiones` is closed at once. What is not HTTP gets a 400 in our shape.
    """

    class Protocol(H11Protocol):
        _patience: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(self.connections) > limits.conexiones:
                transport.close()
                return
            self._wait_for_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
                self._wait_for_head()
            else:
                self._stop_waiting()

        def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - ours says it in Spanish
            body = json.dumps(bad_request("no es HTTP").body, ensure_ascii=False).encode()
            facts = {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                "Connection": "close",
                **marks(),
            }
            self._tell(h11.Response(status_code=400, headers=list(facts.items())))
            self._tell(h11.Data(data=body))
            self._tell(h11.EndOfMessage())
            self.transport.close()

        def _tell(self, event: Any) -> None:
            if output := self.conn.send(event):
                self.transport.write(output)

        def _wait_for_head(self) -> None:
            if self._patience is None:
                self._patience = self.loop.call_later(limits.cabecera, self.transport.close)

        def _stop_waiting(self) -> None:
            if self._patience is not None:
                self._patience.cancel()
                self._patience = None

    return Protocol
