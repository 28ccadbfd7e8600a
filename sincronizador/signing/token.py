"""Keys that never leave their token (PKCS#11): a card, a USB token, an HSM. Needs the extra ``hsm``."""

import importlib
import os
import threading
import time
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import unquote, unquote_to_bytes

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import AsymmetricPadding, PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from sincronizador.errors import NeedsOperator
from sincronizador.signing.certificate import MIN_BITS, Identity, facts
from sincronizador.signing.codes import BAD_TOKEN, NOT_RSA, TOKEN_AWAY, WEAK_KEY

SCHEME = "pkcs11:"
RETRY_SECONDS = 3.0
"""Between two looks for a token that is away: each may take its library a while."""

_PATH = ("token", "object", "id", "serial", "type")
_MECHANISMS = {"sha1": "SHA1_RSA_PKCS", "sha256": "SHA256_RSA_PKCS"}
_BUSY = threading.RLock()
"""A library's sessions are of the whole process, and many are not for several threads."""
_STALE: set[str] = set()
"""Libraries whose token was away the last time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUri:
    """Where a key is, as RFC 7512 writes it: ``pkcs11:token=Empresa;object=firma?module-path=/usr/lib/x.so``."""

    module: str
    token: str = ""
    serial: bytes = b""
    label: str = ""
    id: bytes = b""


def parse_uri(uri: str) -> TokenUri:
    """The parts of an address. Raises ValueError with what it should be, in Spanish."""
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    found = dict(_pair(part) for part in path.split(";") if part)
    asked = dict(_pair(part) for part in query.split("&") if part)
    module = unquote(asked.pop("module-path", ""))
    if "pin-value" in asked or "pin-source" in asked:
        raise ValueError("una dirección sin el PIN, que va en certificado.clave como toda contraseña")
    if strangers := sorted({*found} - {*_PATH}) or sorted(asked):
        raise ValueError(f"una dirección pkcs11 sin «{strangers[0]}»: sirven token, serial, object, id y module-path")
    if not os.path.isabs(module):
        raise ValueError("una dirección pkcs11 con la biblioteca del token, «?module-path=/ruta/entera.so»")
    if not {"object", "id"} & {*found}:
        raise ValueError("una dirección pkcs11 que diga qué clave, con «object=» o «id=»")
    return TokenUri(
        module=module, token=unquote(found.get("token", "")), serial=unquote_to_bytes(found.get("serial", "")),
        label=unquote(found.get("object", "")), id=unquote_to_bytes(found.get("id", "")),
    )  # fmt: skip


def _pair(part: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    if not equals:
        raise ValueError(f"una dirección pkcs11 bien escrita; «{part}» no tiene «=»")
    return name, value


class TokenKey:
    """
    The private key in a token, with the one verb of a private key that signing needs.

    Its session is opened when it is needed, and anew after the token was away. Threads may share it.
    """

    def __init__(self, uri: TokenUri, pin: bytes) -> None:
        self._uri = uri
        self._pin = pin
        self._session: Any = None
        self._key: Any = None
        self._certificate = b""
        self._next_try = self._next_look = 0.0
        self._why = ""

    def sign(self, data: bytes, padding: AsymmetricPadding, algorithm: HashAlgorithm) -> bytes:
        """An RSA PKCS#1 v1.5 signature. Raises `NeedsOperator` E2116 while the token is away, E2115 for a refusal."""
        if not isinstance(padding, PKCS1v15) or not isinstance(algorithm, (SHA1, SHA256)):
            raise TypeError("only PKCS#1 v1.5 with SHA-1 or SHA-256")
        library = _library()
        mechanism = getattr(library.Mechanism, _MECHANISMS[algorithm.name])
        with _BUSY:
            for is_last in (False, True):
                self._open()
                try:
                    return bytes(self._key.sign(data, mechanism=mechanism))
                except library.PKCS11Error as exc:
                    if is_last:
                        self._away(exc)
                    # It was pulled out, or slept: a session of before is of no use, a new one may be.
                    self._forget()
        raise AssertionError("it signed or it raised")

    def trouble(self) -> str:
        """Why it cannot sign now; looks for a token that is away, now and then."""
        with _BUSY:
            try:
                self._open()
                self._touch()
            except NeedsOperator as error:
                return str(error).rstrip(".")
        return ""

    def _touch(self) -> None:
        """Ask it for something small, so that one that was pulled out is missed before the next sale."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + RETRY_SECONDS
        library = _library()
        try:
            _ = self._key[library.Attribute.MODULUS]
        except library.PKCS11Error:
            self._forget()
            self._open()

    def _forget(self) -> None:
        self._close()
        _STALE.add(self._uri.module)

    def identity(self) -> Identity:
        """The key with the certificate that lies beside it. Raises `NeedsOperator` (E21xx)."""
        with _BUSY:
            self._open()
        parsed = x509.load_der_x509_certificate(self._certificate)
        try:
            known = facts(parsed)
        except ValueError as exc:
            raise NOT_RSA.at().as_error(NeedsOperator) from exc
        if not known.key_bits:
            raise NOT_RSA.at().as_error(NeedsOperator)
        if known.key_bits < MIN_BITS:
            raise WEAK_KEY.at(bits=known.key_bits).as_error(NeedsOperator)
        return Identity(key=self, certificate=known)

    def _open(self) -> None:
        """A session with the key at hand. Raises `NeedsOperator`."""
        if self._session is not None:
            return
        if time.monotonic() < self._next_try:
            raise TOKEN_AWAY.at(detalle=self._why).as_error(NeedsOperator)
        library = _library()
        try:
            self._find(library)
        except library.PKCS11Error as exc:
            self._away(exc)

    def _find(self, library: Any) -> None:
        provider = library.lib(self._uri.module)
        if self._uri.module in _STALE:
            # Many libraries see what was plugged in only when they begin anew.
            provider.reinitialize()
            _STALE.discard(self._uri.module)
        wanted = {"token_label": self._uri.token, "token_serial": self._uri.serial}
        token = provider.get_token(**{name: value for name, value in wanted.items() if value})
        try:
            self._session = token.open(user_pin=self._pin.decode("utf-8", "replace"))
        except library.UserAlreadyLoggedIn:
            # Who logged in before, in this process, did it for all of its sessions.
            self._session = token.open()
        which = {name: value for name, value in (("label", self._uri.label), ("id", self._uri.id)) if value}
        self._key = self._session.get_key(object_class=library.ObjectClass.PRIVATE_KEY, **which)
        self._certificate = self._certificate_of(library, self._key.id)
        self._why = ""

    def _certificate_of(self, library: Any, key_id: bytes) -> bytes:
        attribute = library.Attribute
        wanted = {attribute.CLASS: library.ObjectClass.CERTIFICATE, attribute.ID: key_id}
        found = next(iter(self._session.get_objects(wanted)), None)
        if found is None:
            self._close()
            detail = "no tiene el certificado de la clave, con su mismo id; guárdelo en él con «pkcs11-tool -w»"
            raise BAD_TOKEN.at(detalle=detail).as_error(NeedsOperator)
        return bytes(found[attribute.VALUE])

    def _close(self) -> None:
        session, self._session, self._key = self._session, None, None
        if session is not None:
            try:
                session.close()
            except _library().PKCS11Error:
                # It went with its token.
                return

    def _away(self, exc: Exception) -> NoReturn:
        self._close()
        name = type(exc).__name__
        if name == "PKCS11Error":
            detail = f"no se puede abrir la biblioteca {self._uri.module}"
            raise BAD_TOKEN.at(detalle=detail).as_error(NeedsOperator) from exc
        if name in _REFUSALS:
            # It is not tried again by itself: a wrong PIN, three times, locks the token.
            self._next_try = float("inf")
            self._why = _REFUSALS[name]
            raise BAD_TOKEN.at(detalle=self._why).as_error(NeedsOperator) from exc
        self._next_try = time.monotonic() + RETRY_SECONDS
        self._why = _ABSENCES.get(name, f"contesta {name}")
        _STALE.add(self._uri.module)
        raise TOKEN_AWAY.at(detalle=self._why).as_error(NeedsOperator) from exc


_REFUSALS = {
    "PinIncorrect": "el PIN no es ese; revíselo antes de volver a probar, porque a la tercera se bloquea",
    "PinLenRange": "el PIN no tiene el largo que pide el token",
    "PinInvalid": "el PIN tiene letras que el token no admite",
    "PinLocked": "el PIN está bloqueado; lo desbloquea quien entregó el token",
    "PinExpired": "el PIN venció; cámbielo con el programa del token",
    "MultipleTokensReturned": "hay varios tokens así; diga cuál con «token=» o «serial=»",
    "MultipleObjectsReturned": "tiene varias claves así; diga cuál con «id=»",
    "MechanismInvalid": "no sabe firmar RSA con SHA-256",
}
_ABSENCES = {
    "NoSuchToken": "no está conectado",
    "TokenNotPresent": "no está conectado",
    "DeviceRemoved": "lo desconectaron",
    "NoSuchKey": "no tiene esa clave",
}


def load_token(uri: str, pin: bytes) -> Identity:
    """The identity in a token. Raises `NeedsOperator`: E2115 for one that cannot be used, E2116 while it is away."""
    try:
        return TokenKey(parse_uri(uri), pin).identity()
    except ValueError as exc:
        raise BAD_TOKEN.at(detalle=f"su dirección debe ser {exc}").as_error(NeedsOperator) from exc


def _library() -> Any:
    try:
        return importlib.import_module("pkcs11")
    except ImportError as exc:
        detail = "falta el extra: pip install 'sincronizador[hsm]'"
        raise BAD_TOKEN.at(detalle=detail).as_error(NeedsOperator) from exc
