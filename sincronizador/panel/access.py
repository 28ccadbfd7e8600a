"""
Who may enter: people by a password, systems by a token.

On loopback nobody has to, unless the settings name them; where other machines reach the panel both are obligatory. The
password is kept as its scrypt hash. Sessions live in memory: a restart ends them.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sincronizador.core import codes
from sincronizador.errors import NeedsOperator
from sincronizador.listening import is_loopback
from sincronizador.secret import Secret
from sincronizador.settings import Panel

SESSION_SECONDS = 12 * 3600
IDLE_SECONDS = 2 * 3600
SHORTEST_PASSWORD = 8
SHORTEST_TOKEN = 16
FREE_TRIES = 5
"""Wrong passwords from one address before it has to wait."""
_LONGEST_WAIT = 300.0
_MOST_ADDRESSES = 10_000
_MOST_SESSIONS = 1_000
_N, _R, _P = 1 << 14, 8, 1
_MEMORY = 64 << 20


def hash_password(password: str) -> bytes:
    """What is kept of a password."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{_N}:{_R}:{_P}:{salt.hex()}:{_scrypt(password, salt, _N, _R, _P).hex()}".encode("ascii")


def is_password(password: str, kept: bytes) -> bool:
    """Whether that hash is of this password. Raises ValueError for what is no hash of ours."""
    (n, r, p), salt, known = _parts(kept)
    return hmac.compare_digest(_scrypt(password, salt, n, r, p), known)


def _parts(kept: bytes) -> tuple[tuple[int, int, int], bytes, bytes]:
    kind, n, r, p, salt, known = kept.decode("ascii").split(":")
    if kind != "scrypt":
        raise ValueError(kind)
    return (int(n), int(r), int(p)), bytes.fromhex(salt), bytes.fromhex(known)


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY)


def problems(panel: Panel) -> Iterator[str]:
    """What a panel that other machines reach lacks, in Spanish."""
    if is_loopback(panel.escucha):
        return
    if panel.clave is None:
        yield "panel.clave"
    if panel.tls_certificado is None or panel.tls_clave is None:
        yield "panel.tls_certificado y panel.tls_clave"


def check(panel: Panel) -> None:
    """Raises `NeedsOperator` when it must not start: E9256 open without protection, E9306 a secret without use."""
    if missing := list(problems(panel)):
        raise codes.OPEN_PANEL.at(direccion=panel.escucha, detalle="; ".join(missing)).as_error(NeedsOperator)
    if panel.clave is not None:
        _kept(panel.clave)
    if panel.token is not None:
        read_tokens(panel.token)


def _kept(secret: Secret) -> bytes:
    kept = secret.read()
    try:
        _parts(kept)
    except ValueError as exc:
        detail = "no es lo que escribe «sincronizador panel clave»"
        raise codes.BAD_SECRET.at(clave=secret.key, detalle=detail).as_error(NeedsOperator) from exc
    return kept


def read_tokens(secret: Secret) -> dict[bytes, str]:
    """
    Digest of each token -> its till; empty: any.

    A line a token, ``TOKEN`` or ``CAJA1 TOKEN``. Raises `NeedsOperator` E9306 for one that could be guessed.
    """
    found = {}
    for line in secret.read().decode("utf-8", "replace").splitlines():
        words = line.split()
        if not words:
            continue
        if len(words) > 2 or len(words[-1]) < SHORTEST_TOKEN:
            detail = f"cada línea es un token de {SHORTEST_TOKEN} caracteres o más, o una caja y su token"
            raise codes.BAD_SECRET.at(clave=secret.key, detalle=detail).as_error(NeedsOperator)
        found[_digest(words[-1])] = words[0].upper() if len(words) == 2 else ""
    if not found:
        raise codes.BAD_SECRET.at(clave=secret.key, detalle="no tiene ningún token").as_error(NeedsOperator)
    return found


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


@dataclass(slots=True)
class _Session:
    ends: float
    idle: float
    kept: bytes
    """The hash that it was opened with: another password ends it."""


class Waits:
    """How long an address waits after wrong guesses: the longer, the more there were."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: dict[str, tuple[int, float]] = {}

    def left(self, address: str) -> float:
        """Seconds until it may try again."""
        return max(0.0, self._failed.get(address, (0, 0.0))[1] - self._clock())

    def failed(self, address: str) -> None:
        """One more wrong guess."""
        count = self._failed.pop(address, (0, 0.0))[0] + 1
        wait = min(_LONGEST_WAIT, 2.0 ** (count - FREE_TRIES)) if count >= FREE_TRIES else 0.0
        self._failed[address] = count, self._clock() + wait
        while len(self._failed) > _MOST_ADDRESSES:
            del self._failed[next(iter(self._failed))]

    def passed(self, address: str) -> None:
        """It knows."""
        self._failed.pop(address, None)


class Access:
    """The doors of one panel. Threads may share it."""

    def __init__(self, panel: Panel, clock: Callable[[], float] = time.monotonic) -> None:
        self._panel = panel
        self._clock = clock
        self._sessions: dict[bytes, _Session] = {}
        self._one = threading.Lock()
        """scrypt takes 16 MB and much time on purpose: one at a time."""
        self.people, self.systems = Waits(clock), Waits(clock)

    @property
    def wants_password(self) -> bool:
        """Whether people log in."""
        return self._panel.clave is not None

    @property
    def wants_token(self) -> bool:
        """Whether systems show a token."""
        return self._panel.token is not None or not is_loopback(self._panel.escucha)

    def enter(self, password: str, address: str) -> str | None:
        """A new session for who knows the password; None: it is another one. Raises `NeedsOperator` E9306."""
        secret = self._panel.clave
        if secret is None:
            return None
        with self._one:
            if self.people.left(address):
                return None
            kept = _kept(secret)
            if not is_password(password, kept):
                self.people.failed(address)
                return None
            self.people.passed(address)
        session, now = secrets.token_urlsafe(32), self._clock()
        self._sessions[_digest(session)] = _Session(now + SESSION_SECONDS, now + IDLE_SECONDS, kept)
        while len(self._sessions) > _MOST_SESSIONS:
            self._sessions.pop(next(iter(self._sessions)), None)
        return session

    def is_inside(self, session: str) -> bool:
        """Whether that session is open; being asked keeps it so."""
        if not self.wants_password or self._panel.clave is None:
            return False
        key, now = _digest(session), self._clock()
        found = self._sessions.get(key)
        if found is None:
            return False
        if now > min(found.ends, found.idle) or found.kept != self._panel.clave.read():
            self._sessions.pop(key, None)
            return False
        found.idle = now + IDLE_SECONDS
        return True

    def leave(self, session: str) -> None:
        """End a session."""
        self._sessions.pop(_digest(session), None)

    def till_of(self, token: str) -> str | None:
        """The till that a token is for, empty for any; None: it is no token. Raises `NeedsOperator` E9306."""
        if self._panel.token is None:
            return None
        # Digests of secrets: how long looking one up takes tells nothing about them.
        return read_tokens(self._panel.token).get(_digest(token))
