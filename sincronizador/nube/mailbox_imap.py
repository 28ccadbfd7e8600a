"""
An IMAP mailbox over verified TLS.

Letters are known by their number (UID), not by whether somebody has read them: a person who opens the mailbox hides
nothing. What was taken up is marked as read; nothing is moved or deleted.
"""

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sincronizador.core.finding import Finding
from sincronizador.errors import NeedsOperator, Unavailable
from sincronizador.nube import receipt_codes
from sincronizador.nube.mailbox import MOST_AT_ONCE, Letter, Place

_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,18})")
_UID = re.compile(rb"UID (\d{1,10})\b")
_VALIDITY = re.compile(rb"\d{1,10}")


class ImapMailbox:
    """One folder of an account. `password` is asked for at each look."""

    def __init__(
        self, host: str, port: int, user: str, password: Callable[[], bytes], context: ssl.SSLContext, *,
        folder: str, most: int, patience: float,
    ) -> None:  # fmt: skip
        """`most` bytes of one letter are read."""
        self._host, self._port, self._user = host, port, user
        self._password = password
        self._context = context
        self._folder = folder
        self._most = most
        self._patience = patience
        self._open: imaplib.IMAP4 | None = None

    @property
    def source(self) -> str:
        """The account."""
        return f"imap {self._user}@{self._host}:{self._port}/{self._folder}"[:200]

    def letters(self, since: Place) -> Iterator[Letter]:
        """Those whose number is above the last one; all of them in a mailbox that was made anew."""
        with self._translated():
            line = self._open = self._connect()
            _said(line.select(_quoted(self._folder)))
            validity = self._validity(line)
            after = since.last if since.validity == validity else 0
            # "n:*" always has the last letter in it, also one below n.
            found = _said(line.uid("SEARCH", f"UID {after + 1}:*"))
            uids = sorted(int(uid) for uid in (found[0] or b"").split() if uid.isdigit())
        for uid in [uid for uid in uids if uid > after][:MOST_AT_ONCE]:
            with self._translated():
                letter = self._fetch(line, uid, Place(validity=validity, last=uid))
            if letter is not None:
                yield letter

    def put_away(self, letter: Letter, *, apart: bool) -> None:
        """Mark it: as read, or with a flag for whom it waits."""
        line = self._open
        if line is None:
            return
        with self._translated():
            line.uid("STORE", str(letter.place.last), "+FLAGS", r"(\Flagged)" if apart else r"(\Seen)")

    def close(self) -> None:
        """Log out."""
        line, self._open = self._open, None
        if line is not None:
            # It goes away in any case.
            with suppress(OSError, imaplib.IMAP4.error):
                line.logout()

    def _connect(self) -> imaplib.IMAP4:
        line = imaplib.IMAP4_SSL(self._host, self._port, ssl_context=self._context, timeout=self._patience)
        try:
            self._log_in(line)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeError) as exc:
            line.shutdown()
            raise self._trouble(f"no acepta al usuario {self._user} o su contraseña").as_error(NeedsOperator) from exc
        return line

    def _log_in(self, line: imaplib.IMAP4) -> None:
        """Raises imaplib's error, or UnicodeError for letters that the older command cannot carry."""
        password = self._password()
        if "AUTH=PLAIN" in line.capabilities:
            line.authenticate("PLAIN", lambda _: b"\0".join((b"", self._user.encode(), password)))
        else:
            line.login(self._user, password.decode("utf-8", "replace"))

    def _validity(self, line: imaplib.IMAP4) -> int:
        said = line.response("UIDVALIDITY")[1]
        found = _VALIDITY.fullmatch(said[0]) if said and isinstance(said[0], bytes) else None
        return int(found[0]) if found else 0

    def _fetch(self, line: imaplib.IMAP4, uid: int, place: Place) -> Letter | None:
        """The letter; None for one that somebody took away since."""
        told = _said(line.uid("FETCH", str(uid), "(RFC822.SIZE)"))
        found = next((match for one in told if isinstance(one, bytes) and (match := _SIZE.search(one))), None)
        if found is None:
            return None
        size = int(found[1])
        if size > self._most:
            detail = f"el mensaje {uid} tiene {size} bytes"
            return Letter(name=f"mensaje {uid}", content=b"", size=size, place=place, trouble=detail)
        parts = _said(line.uid("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{self._most}>)"))
        content = next((part[1] for part in parts if isinstance(part, tuple) and _is_of(part, parts, uid)), None)
        if content is None:
            return None
        return Letter(name=f"mensaje {uid}", content=bytes(content), size=len(content), place=place)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except ssl.SSLCertVerificationError as exc:
            self.close()
            detail = f"no se puede confiar en su certificado ({exc.verify_message})"
            raise self._trouble(detail).as_error(NeedsOperator) from exc
        except (OSError, imaplib.IMAP4.error) as exc:
            self.close()
            # What a server says may be anything, and long.
            raise self._trouble(str(exc)[:200] or type(exc).__name__).as_error(Unavailable) from exc

    def _trouble(self, detail: str) -> Finding:
        return receipt_codes.MAILBOX_DOWN.at(buzon=self.source, detalle=detail)


def _is_of(part: tuple[bytes, bytes], parts: list[Any], uid: int) -> bool:
    """Whether these are the bytes that were asked for: the number may stand behind them."""
    around = [part[0], *(one for one in parts if isinstance(one, bytes))]
    return any(match and int(match[1]) == uid for match in map(_UID.search, around))


def _said(answer: tuple[str, Any]) -> list[Any]:
    """What the server gives. Raises imaplib's error when it does not."""
    kind, data = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(f"{kind} {data!r}"[:200])
    return [one for one in data if one is not None]


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
