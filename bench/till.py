"""
A daemon as the cloud sees it: `till.py TOML URL TOKEN_FILE COUNT NAME` submits and confirms COUNT sales.

Prints ``ready``, waits for a line, then works one sale after the other and prints their seconds as JSON. Requests are
composed before; what a daemon does besides (files, journal, printer, verification) is left out.
"""

import json
import sys
import time
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from daemon import SALE

from sincronizador import settings
from sincronizador.core.receipt import Attempt, Said, Standing, Submission
from sincronizador.daemon.assembly import COUNTRIES
from sincronizador.formats.read import read
from sincronizador.formats.requests import vocabulary
from sincronizador.providers.open_api import OpenApi
from sincronizador.web import Http


def main(toml: str, url: str, token: str, count: int, name: str) -> None:
    """Work."""
    cloud = OpenApi(Http(url), Path(token).read_text("ascii").strip(), patience=60)
    server_epoch = cloud.health(Standing(epoch=0, server_epoch="")).server_epoch
    cloud.raise_epoch(f"bench-{Path(token).stem:-<20}", 0, Standing(epoch=0, server_epoch=server_epoch))
    standing = Standing(epoch=1, server_epoch=server_epoch)
    bodies = [(f"{name}-{n}", _body(cloud, toml, f"{name}-{n}")) for n in range(count)]
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps([_sell(cloud, key, body, standing) for key, body in bodies]))


def _body(cloud: OpenApi, toml: str, key: str) -> bytes:
    found = settings.load(toml)
    country = COUNTRIES[found.pais](found)
    reading = read(SALE.format(name=key).encode(), vocabulary=vocabulary(country.vocabulary), from_xml=country.from_xml)
    request = country.read(reading.sections, datetime.now().astimezone().date())
    return cloud.compose(
        Submission(
            attempt=Attempt(1, 1),
            country=found.pais,
            issuer=found.emisor.rut,
            branch=found.emisor.sucursal,
            terminal="",
            tipo=request.tipo,
            draft=country.draft(request, {}),
            anexo=request.anexo,
        )
    )


def _sell(cloud: OpenApi, key: str, body: bytes, standing: Standing) -> float:
    start = time.perf_counter()
    reply = cloud.submit(key, body, standing)
    if reply.said is not Said.STORED or reply.receipt is None:
        raise SystemExit(f"{key}: {reply}")
    digest = sha256(reply.receipt.signed).hexdigest()
    if cloud.confirm(key, reply.receipt.numero, digest, standing).said is not Said.STORED:
        raise SystemExit(f"{key} not confirmed")
    return time.perf_counter() - start


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]), sys.argv[5])
