"""
The one way out by mail: a message of known bytes to one address, and what the mail server said of it.

Who is written to may get a message twice: a server that took it and whose answer was lost is asked again. So a message
has one Message-ID and one form, whatever is repeated. Nothing leaves in clear but to this very machine.
"""

import re
import smtplib
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sincronizador.core.finding import Rule
from sincronizador.errors import NeedsOperator, Refused, Unanswered, Unavailable

NO_SERVER = Rule(
    "E3761",
    "Sin comunicación con el servidor de correo",
    "No hay comunicación con el servidor de correo: {detalle}.",
    "Nada se perdió: se sigue intentando solo.",
)
NO_WORD = Rule(
    "E3762",
    "El servidor de correo no contestó",
    "No se sabe si el servidor de correo tomó un mensaje: {detalle}.",
    "Se manda otra vez el mismo mensaje, con el mismo Message-ID.",
)
NOT_ACCEPTED = Rule(
    "E3763",
    "No se puede trabajar con el servidor de correo",
    "No se puede trabajar con el servidor de correo: {detalle}.",
    "Revise la tabla [correo] de la configuración.",
)
LATER = Rule(
    "E3764",
    "El servidor de correo pide esperar",
    "El servidor de correo no toma el mensaje por ahora: {detalle}.",
    "Se manda otra vez más tarde.",
)
REFUSED = Rule(
    "E3765",
    "El servidor de correo no toma un mensaje",
    "El servidor de correo no toma el mensaje: {detalle}.",
    "Revise la dirección.",
)
RULES = (NO_SERVER, NO_WORD, NOT_ACCEPTED, LATER, REFUSED)

_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+"
)
_LONGEST_ADDRESS = 254
_CLOSING = 421
_PERMANENT = 500
_MOST_SAID = 200


class Cipher(StrEnum):
    """How the way to the server is kept secret."""

    STARTTLS = "starttls"
    TLS = "tls"
    """From the first byte on, as on port 465."""
    NONE = "ninguno"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Who takes our mail."""

    host: str
    port: int
    cipher: Cipher = Cipher.STARTTLS
    user: str = ""
    password: Callable[[], bytes] = bytes
    """Read for every message; raises `NeedsOperator` when it cannot be."""
    ca: str = ""
    """PEM of authorities instead of the public ones."""
    patience: float = 30.0
    """Seconds for a message, all in all."""


def is_address(text: str) -> bool:
    """Whether it is one mail address and nothing else: in ASCII, without a name, a comment or a line end."""
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def send(server: MailServer, mail: bytes, *, sender: str, recipient: str) -> str:
    """
    Hand a message over; the server's own word for it, with the name it has there.

    `mail` is whole, with CRLF, seven bits. Raises `Refused` for an address or a message that is not taken for good,
    `Unavailable` (E3764) for one that is not taken now, `Unavailable` (E3761) when there is no server, `Unanswered`
    when nobody knows whether it was taken, `NeedsOperator` for a server that cannot be trusted or does not let us in.
    """
    if not (is_address(sender) and is_address(recipient)):
        raise REFUSED.at(detalle=f"«{recipient[:80]}» no es una dirección").as_error(Refused)
    password = server.password().decode() if server.user else ""
    line = _line(server, sender.rpartition("@")[2])
    with _cut_after(server.patience, line):
        try:
            _connect(line, server, password)
            _addressed(line, sender, recipient)
            word = _handed_over(line, mail)
            # It has the message, whatever it says to a farewell.
            with suppress(smtplib.SMTPException, OSError):
                line.quit()
            return word
        finally:
            line.close()


def _addressed(line: smtplib.SMTP, sender: str, recipient: str) -> None:
    """The envelope, of which nothing counts before the message follows."""
    code, said = line.mail(sender)
    if code >= _PERMANENT:
        raise NOT_ACCEPTED.at(detalle=f"no deja mandar como {sender}: {_told(code, said)}").as_error(NeedsOperator)
    if code != 250:
        raise _refusal(code, said)
    code, said = line.rcpt(recipient)
    if code not in (250, 251):
        raise _refusal(code, said)


def _handed_over(line: smtplib.SMTP, mail: bytes) -> str:
    try:
        code, said = line.data(mail)
    except smtplib.SMTPDataError as exc:
        # Not even begun.
        raise _refusal(exc.smtp_code, exc.smtp_error) from exc
    except (smtplib.SMTPException, OSError) as exc:
        raise NO_WORD.at(detalle=_why(exc)).as_error(Unanswered) from exc
    if code != 250:
        raise _refusal(code, said)
    return _told(code, said)


def _refusal(code: int, said: bytes | str) -> Refused | Unavailable:
    """What a word other than yes means for this message."""
    if code == _CLOSING:
        return NO_SERVER.at(detalle=_told(code, said)).as_error(Unavailable)
    if code >= _PERMANENT:
        return REFUSED.at(detalle=_told(code, said)).as_error(Refused)
    return LATER.at(detalle=_told(code, said)).as_error(Unavailable)


def _line(server: MailServer, domain: str) -> smtplib.SMTP:
    """Not connected yet. It calls itself our domain: looking for this machine's name may take for ever."""
    options: Any = {"local_hostname": domain, "timeout": server.patience}
    context = _tls(server)
    is_secret = server.cipher is Cipher.TLS
    line = smtplib.SMTP_SSL(context=context, **options) if is_secret else smtplib.SMTP(**options)
    # What its certificate must say is looked for here, also after STARTTLS.
    line._host = server.host  # type: ignore[attr-defined]  # noqa: SLF001
    return line


def _connect(line: smtplib.SMTP, server: MailServer, password: str) -> None:
    """A line that is secret, and lets us in."""
    try:
        code, said = line.connect(server.host, server.port)
        if code != 220:
            raise NO_SERVER.at(detalle=_told(code, said)).as_error(Unavailable)
        if server.cipher is Cipher.STARTTLS:
            line.starttls(context=_tls(server))
        line.ehlo_or_helo_if_needed()
        if server.user:
            _log_in(line, server.user, password)
    except ssl.SSLCertVerificationError as exc:
        detail = f"el certificado de {server.host} no vale ({exc.verify_message})"
        raise NOT_ACCEPTED.at(detalle=detail).as_error(NeedsOperator) from exc
    except smtplib.SMTPAuthenticationError as exc:
        if exc.smtp_code < _PERMANENT:
            raise NO_SERVER.at(detalle=_told(exc.smtp_code, exc.smtp_error)).as_error(Unavailable) from exc
        detail = f"no acepta el usuario «{server.user}» o su contraseña: {_told(exc.smtp_code, exc.smtp_error)}"
        raise NOT_ACCEPTED.at(detalle=detail).as_error(NeedsOperator) from exc
    except smtplib.SMTPNotSupportedError as exc:
        missing = "STARTTLS" if server.cipher is Cipher.STARTTLS and not _is_secret(line) else "autenticación"
        raise NOT_ACCEPTED.at(detalle=f"{server.host} no ofrece {missing}").as_error(NeedsOperator) from exc
    except (smtplib.SMTPException, OSError) as exc:
        raise NO_SERVER.at(detalle=f"{server.host}:{server.port} {_why(exc)}").as_error(Unavailable) from exc


def _log_in(line: smtplib.SMTP, user: str, password: str) -> None:
    """As smtplib does, which knows no letter beyond ASCII: those are UTF-8 (RFC 4616)."""
    if (user + password).isascii():
        line.login(user, password)
        return
    code, said = line.docmd("AUTH", "PLAIN " + b64encode(f"\0{user}\0{password}".encode()).decode())
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, said)


def _is_secret(line: smtplib.SMTP) -> bool:
    return isinstance(line.sock, ssl.SSLSocket)


@contextmanager
def _cut_after(seconds: float, line: smtplib.SMTP) -> Iterator[None]:
    """A line that is cut when its time is over, however slowly the other side goes on talking."""

    def cut() -> None:
        sock = line.sock
        # It may be closed by now.
        with suppress(OSError):
            if sock is not None:
                sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _tls(server: MailServer) -> ssl.SSLContext | None:
    if server.cipher is Cipher.NONE:
        return None
    try:
        context = ssl.create_default_context(cafile=server.ca or None)
    except OSError as exc:
        detail = f"no se puede leer el archivo de autoridades {server.ca} (correo.ca): {exc}"
        raise NOT_ACCEPTED.at(detalle=detail).as_error(NeedsOperator) from exc
    # As in `web`: authorities of a company's own often have no key identifiers.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _told(code: int, said: bytes | str) -> str:
    """The server's own word, on one line."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(f"{code} {text}".split())[:_MOST_SAID]


def _why(exc: Exception) -> str:
    """Why there was no word, the end of a Spanish sentence."""
    if isinstance(exc, TimeoutError):
        return "no responde"
    if isinstance(exc, ConnectionRefusedError):
        return "no acepta conexiones"
    if isinstance(exc, socket.gaierror):
        return "no se encuentra"
    if isinstance(exc, ssl.SSLError):
        return f"no contesta con TLS ({exc.reason})"
    if isinstance(exc, smtplib.SMTPResponseException):
        return f"contestó {_told(exc.smtp_code, exc.smtp_error)}"
    return f"cortó la conexión ({type(exc).__name__})"
