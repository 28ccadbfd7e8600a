"""An HTTPS server of this machine in DGI's place: it hears a request, and answers what the test says."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from lxml import etree

from sincronizador.core.signature import Digest
from sincronizador.nube.configuration import Dgi
from sincronizador.signing.certificate import Identity
from sincronizador.signing.identity import TlsFiles, Validity, issue_tls
from sincronizador.signing.wsse import SOAP, Seal, open_envelope

VALIDITY = Validity(desde=datetime(2026, 1, 1, tzinfo=UTC), hasta=datetime(2036, 1, 1, tzinfo=UTC))
DGI_RUC = "219999830019"
EFACTURA, CONSOLIDADO = "http://dgi.gub.uy", "DGI_Modernizacion_Consolidado"

Answer = tuple[int, bytes]
Clerk = Callable[["Heard"], Answer]


class Heard:
    """A request as it came."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.path, self.headers, self.body = path, headers, body
        opened = open_envelope(body)
        self.signer = opened.certificate.rut
        self.digest = opened.digest
        self.operation = etree.fromstring(opened.body)[0]

    @property
    def name(self) -> str:
        return etree.QName(self.operation).localname

    @property
    def namespace(self) -> str:
        return etree.QName(self.operation).namespace or ""

    @property
    def inner(self) -> str:
        """The document in xmlData."""
        return self.operation.findtext(f"{{{EFACTURA}}}Datain/{{{EFACTURA}}}xmlData", "")

    def values(self) -> list[tuple[str, str]]:
        return [(etree.QName(one).localname, (one.text or "")) for one in self.operation.iter() if not len(one)]


class Office(ThreadingHTTPServer):
    """Every request goes to `clerk`; what was heard is kept."""

    daemon_threads = True

    def __init__(self, tls: TlsFiles, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        certificate, key, self.ca = folder / "c.pem", folder / "k.pem", str(folder / "ca.pem")
        certificate.write_bytes(tls.certificate)
        key.write_bytes(tls.key)
        Path(self.ca).write_bytes(tls.authority)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.heard: list[Heard] = []
        self.clerk: Clerk = lambda _: (404, b"")

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Office
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        heard = Heard(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.server.heard.append(heard)
        status, answer = self.server.clerk(heard)
        self.send_response(status)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name above
        pass


@contextmanager
def open_office(tls: TlsFiles, folder: Path) -> Iterator[Office]:
    with Office(tls, folder) as office:
        thread = threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield office
        office.shutdown()
        thread.join()


def texts(operation: str, document: str) -> bytes:
    """An answer of the reception: the document in a text, as CDATA."""
    return (
        f'<d:{operation}Response xmlns:d="{EFACTURA}"><d:Dataout><d:xmlData><![CDATA[{document}]]></d:xmlData>'
        f"</d:Dataout></d:{operation}Response>"
    ).encode()


def fault(code: int, description: str = "", detail: str = "") -> bytes:
    """GenericFault, as the services put it into a SOAP fault."""
    return (
        f'<s:Fault xmlns:s="{SOAP}"><faultcode>s:Client</faultcode><faultstring>Error al consumir el Servicio Web'
        f'</faultstring><detail><GenericFault xmlns="http://dgi.gub.uy/faults"><Respuestas><Respuesta>'
        f"<Codigo>{code}</Codigo><Descripcion>{escape(description)}</Descripcion><Detalle>{escape(detail)}</Detalle>"
        f"</Respuesta></Respuestas></GenericFault></detail></s:Fault>"
    ).encode()


def unsigned(body: bytes) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>'.encode() + body + b"</s:Body></s:Envelope>"


def signing(identity: Identity) -> Callable[[bytes], bytes]:
    """As DGI signs: SHA-1."""
    return Seal(identity, digest=Digest.SHA1).seal


def make_tls(authority: Identity) -> TlsFiles:
    return issue_tls(authority, VALIDITY, ["127.0.0.1"])


def settings_of(office: Office, **more: object) -> Dgi:
    """``[dgi]`` with every service here."""
    services = {"recepcion": "/r", "consultas": "/c", "contribuyentes": "/p"}
    urls = {name: office.url + path for name, path in services.items()}
    return Dgi.model_validate({**urls, "ca": office.ca, "espera": 5.0, **more}, context="/")
