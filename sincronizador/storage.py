"""
Where backups lie: a folder, or a prefix of a bucket of S3-compatible storage, the one way out to which this is.

What lies there is whole: a folder shows a file when it is finished, and a bucket an object when its last part is there.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sincronizador import files
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator, SincronizadorError, Unavailable

S3 = "s3://"
_S3 = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[A-Za-z0-9!_.*'()/-]*))?")
_CHUNK = 1 << 20
_PART = 16 << 20
"""Bytes of a part: ten thousand of them are the most that S3 takes of one object."""
_STATUS = re.compile(r"status code: (\d{3})")
_REFUSALS = (400, 401, 403, 404, 405)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file that lies there."""

    name: str
    size: int
    when: datetime
    """When it came, aware."""


class Storage(Protocol):
    """Such a place. All of it raises `NeedsOperator` or `Unavailable`."""

    def put(self, path: str) -> str:
        """Bring a file there, under its own name; where it lies then, once it was read back and is the same."""
        ...

    def listed(self) -> list[Stored]:
        """What lies there, the oldest name first."""
        ...

    def fetch(self, name: str, target: str) -> None:
        """Bring a file from there, whole."""
        ...

    def remove(self, name: str) -> None:
        """Take a file away; nothing happens when it is gone already."""
        ...


def is_s3(text: str) -> bool:
    """Whether it is the address of a bucket, or of a prefix in one."""
    return _S3.fullmatch(text) is not None


class Folder:
    """A folder, made when it is missing."""

    def __init__(self, path: str) -> None:
        self.path = path

    def put(self, path: str) -> str:
        """As the door says."""
        target = os.path.join(self.path, os.path.basename(path))
        with self._translated():
            os.makedirs(self.path, mode=0o700, exist_ok=True)
            with open(path, "rb") as source, files.building(target) as made:
                while chunk := source.read(_CHUNK):
                    made.write(chunk)
            if _sum(_chunks(target)) != _sum(_chunks(path)):
                os.unlink(target)
                raise codes.STORED_OTHERWISE.at(detalle=target).as_error(NeedsOperator)
        return target

    def listed(self) -> list[Stored]:
        """As the door says."""
        with self._translated():
            found = [entry for entry in os.scandir(self.path) if entry.is_file() and not entry.name.startswith(".")]
            stats = [(entry.name, entry.stat()) for entry in found]
        return [
            Stored(name=name, size=stat.st_size, when=datetime.fromtimestamp(stat.st_mtime).astimezone())
            for name, stat in sorted(stats)
        ]

    def fetch(self, name: str, target: str) -> None:
        """As the door says."""
        with self._translated(), files.building(target) as made:
            for chunk in _chunks(os.path.join(self.path, name)):
                made.write(chunk)

    def remove(self, name: str) -> None:
        """As the door says."""
        with self._translated():
            try:
                os.unlink(os.path.join(self.path, name))
            except FileNotFoundError:
                return

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise files.trouble(exc, self.path) from exc


class Bucket:
    """A prefix of a bucket. Nothing is asked before it is used."""

    def __init__(
        self, url: str, *, user: str, key: Callable[[], bytes], server: str = "", region: str = "", ca: str = ""
    ) -> None:
        """`key` is read for every use; `server` is another S3 than Amazon's; `ca` a PEM of its authorities."""
        found = _S3.fullmatch(url)
        if found is None:
            raise ValueError(url)
        self._bucket, self._prefix = found["bucket"], (found["prefix"] or "").strip("/")
        self._user, self._key, self._server, self._region, self._ca = user, key, server, region, ca

    @property
    def _name(self) -> str:
        return f"{S3}{self._bucket}" + (f"/{self._prefix}" if self._prefix else "")

    def put(self, path: str) -> str:
        """As the door says."""
        obstore, store = self._opened()
        name = os.path.basename(path)
        with self._translated(), open(path, "rb") as file:
            obstore.put(store, name, file, chunk_size=_PART, max_concurrency=2)
            same = _sum(obstore.get(store, name).stream(min_chunk_size=_CHUNK)) == _sum(_chunks(path))
            if not same:
                obstore.delete(store, name)
        if not same:
            raise codes.STORED_OTHERWISE.at(detalle=f"{self._name}/{name}").as_error(NeedsOperator)
        return f"{self._name}/{name}"

    def listed(self) -> list[Stored]:
        """As the door says."""
        obstore, store = self._opened()
        with self._translated():
            found = obstore.list_with_delimiter(store)["objects"]
        return sorted(
            (Stored(name=one["path"], size=one["size"], when=one["last_modified"]) for one in found),
            key=lambda one: one.name,
        )

    def fetch(self, name: str, target: str) -> None:
        """As the door says."""
        obstore, store = self._opened()
        with files.building(target) as made, self._translated():
            for chunk in obstore.get(store, name).stream(min_chunk_size=_CHUNK):
                made.write(chunk)

    def remove(self, name: str) -> None:
        """As the door says."""
        obstore, store = self._opened()
        with self._translated():
            obstore.delete(store, name)

    def _opened(self) -> tuple[Any, Any]:
        try:
            import obstore
            from obstore.store import S3Store
        except ImportError as exc:
            raise codes.MISSING_EXTRA.at(detalle="el almacenamiento S3", extra="s3").as_error(NeedsOperator) from exc
        options: Any = {
            "connect_timeout": timedelta(seconds=10),
            "timeout": timedelta(minutes=5),
            "allow_http": self._server.startswith("http://"),
        }
        if self._ca:
            options["root_certificate"] = b"".join(_read(self._ca))
        config: Any = {
            "access_key_id": self._user, "secret_access_key": self._key().decode("utf-8", "replace"),
            "region": self._region or "us-east-1", "virtual_hosted_style_request": False,
        }  # fmt: skip
        if self._server:
            config["endpoint"] = self._server
        retries: Any = {"max_retries": 4, "retry_timeout": timedelta(minutes=2)}
        with self._translated():
            made = S3Store(
                self._bucket, prefix=self._prefix or None, config=config, client_options=options, retry_config=retries
            )
        return obstore, made

    @contextmanager
    def _translated(self) -> Iterator[None]:
        from obstore import exceptions

        try:
            yield
        except (exceptions.BaseError, FileNotFoundError, PermissionError) as exc:
            raise self._trouble(str(exc)) from exc

    def _trouble(self, said: str) -> SincronizadorError:
        status = int(found[1]) if (found := _STATUS.search(said)) else 0
        word = re.search(r"<Code>(\w+)</Code>", said)
        cause = f"contestó {status} {word[1] if word else ''}".rstrip() if status else "no contesta"
        if status in _REFUSALS:
            return codes.STORE_REFUSED.at(detalle=self._name, causa=cause).as_error(NeedsOperator)
        return codes.STORE_UNREACHABLE.at(detalle=self._name, causa=cause).as_error(Unavailable)


def _read(path: str) -> Iterator[bytes]:
    try:
        yield from _chunks(path)
    except OSError as exc:
        raise files.trouble(exc, path) from exc


def _chunks(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _sum(chunks: Any) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
