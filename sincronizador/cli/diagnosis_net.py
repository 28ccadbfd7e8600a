"""Probes of what lies between this machine and its cloud: the name, the way, TLS, proxies, the clock."""

import os
import socket
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sincronizador import kernel_clock
from sincronizador.core.inspection import Check, aviso, mal, ok
from sincronizador.core.receipt import Standing
from sincronizador.errors import SincronizadorError
from sincronizador.files import cause_of

if TYPE_CHECKING:
    from sincronizador.cli.diagnosis import Probe, Scene
    from sincronizador.settings import Nube

_CONNECT = 4.0
_PUBLIC = "www.dgi.gub.uy"
"""A name that is looked up where there is no cloud: whether names can be looked up at all."""
_SKEW = timedelta(seconds=30)
_EXPIRY = timedelta(days=30)
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_SANE = 2024


def probes(scene: "Scene") -> "dict[str, Probe]":
    """All of them."""
    nube = scene.settings.nube if scene.settings and scene.settings.ruta == "nube" else None
    found: dict[str, Probe] = {"Reloj": partial(_clock, scene.now), "Proxy": _proxies}
    if nube is None:
        return {**found, "Nombres (DNS)": partial(_name, _PUBLIC, is_needed=False)}
    return {**found, "Camino a la nube": partial(_way, nube), "La nube": partial(_cloud, nube, scene)}


def _clock(now: datetime) -> Iterator[Check]:
    if now.year < _SANE:
        yield mal("reloj", f"dice {now:%d/%m/%Y %H:%M}: ponga la fecha, y cambie la pila de la placa")
    else:
        yield ok("reloj", f"{now:%d/%m/%Y %H:%M:%S %z}")
    if kernel_clock.is_synchronised():
        yield ok("NTP", "la hora se corrige sola por red")
    else:
        yield aviso("NTP", "nadie corrige la hora por red: instale chrony, o «timedatectl set-ntp true»")


def _proxies() -> Iterator[Check]:
    """Which are set for this user; the program takes none of them."""
    named = {name: os.environ.get(name) or os.environ.get(name.upper()) for name in _PROXIES}
    told = [f"{name}={value}" for name, value in named.items() if value]
    if told:
        yield aviso("proxy", f"{', '.join(told)}; el servicio no lo usa: la nube se tiene que alcanzar sin proxy")
    else:
        yield ok("proxy", "no hay ninguno puesto")


def _name(host: str, *, is_needed: bool = True) -> Iterator[Check]:
    try:
        found = sorted({str(one[4][0]) for one in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    except OSError as error:
        tell = mal if is_needed else aviso
        yield tell("DNS", f"no se encuentra {host} ({_why(error)}): revise la red y el servidor de nombres")
        return
    yield ok("DNS", f"{host} es {', '.join(found[:4])}")


def _way(nube: "Nube") -> Iterator[Check]:
    """The name, a connection, and TLS by the authorities that the service trusts."""
    parts = urlsplit(nube.url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    yield from _name(host)
    try:
        raw = socket.create_connection((host, port), _CONNECT)
    except OSError as error:
        yield mal("conexión", f"{host}:{port} no atiende ({_why(error)}): revise la red, el cortafuegos y la dirección")
        return
    with raw:
        yield ok("conexión", f"{host}:{port} atiende")
        if parts.scheme == "https":
            yield from _tls(raw, host, nube.ca or "")
        else:
            yield ok("TLS", "sin cifrar: la nube está en esta máquina")


def _tls(raw: socket.socket, host: str, ca: str) -> Iterator[Check]:
    from sincronizador.web import trusting

    authorities = ca or "las públicas"
    context, address = trusting(ca), raw.getpeername()[:2]
    raw.settimeout(_CONNECT)
    try:
        with context.wrap_socket(raw, server_hostname=host) as channel:
            der = channel.getpeercert(binary_form=True) or b""
            yield ok("TLS", f"{channel.version()}, con un certificado en que confían {authorities}")
    except ssl.SSLCertVerificationError as error:
        yield mal("TLS", f"no se confía en el certificado ({error.verify_message}) con {authorities}")
        der = _shown(host, address)
    except OSError as error:
        yield mal("TLS", f"no se pudo cifrar ({_why(error)}): ¿hay un filtro o un proxy en el medio?")
        return
    yield from _certificate(der)


def _shown(host: str, address: tuple[str, int]) -> bytes:
    """The certificate that is not trusted: who made it tells what is in between."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection(address, _CONNECT) as again,
            context.wrap_socket(again, server_hostname=host) as channel,
        ):
            return channel.getpeercert(binary_form=True) or b""
    except OSError:
        return b""


def _why(error: OSError) -> str:
    """In words, where the error is the system's own: TLS and the resolver have others, with numbers of their own."""
    return str(error) if isinstance(error, (ssl.SSLError, socket.gaierror)) else cause_of(error)


def _certificate(der: bytes) -> Iterator[Check]:
    from sincronizador.signing.certificate import load_certificate

    if not der:
        return
    try:
        facts = load_certificate(der)
    except SincronizadorError as error:
        yield mal("TLS", str(error))
        return
    told = f"{facts.subject}, de {facts.issuer}, vale del {facts.not_before:%d/%m/%Y} al {facts.not_after:%d/%m/%Y}"
    now = datetime.now().astimezone()
    if not facts.not_before <= now <= facts.not_after:
        yield mal("certificado TLS", f"no vale hoy: {told}. Avise a quien administra la nube, o corrija el reloj")
    elif facts.not_after - now < _EXPIRY:
        yield aviso("certificado TLS", f"vence pronto: {told}")
    else:
        yield ok("certificado TLS", told)


def _cloud(nube: "Nube", scene: "Scene") -> Iterator[Check]:
    """What it says with our token, and how far its clock is from ours."""
    from sincronizador.providers.open_api import OpenApi
    from sincronizador.web import Http

    token = nube.token.read().decode("ascii", "replace")
    began = datetime.now().astimezone()
    health = OpenApi(Http(nube.url, ca=nube.ca or ""), token=token, patience=8.0).health(
        Standing(epoch=0, server_epoch="")
    )
    took = datetime.now().astimezone() - began
    yield ok("nube", f"contesta en {took.total_seconds() * 1000:.0f} ms; es de {health.environment}")
    settings = scene.settings
    if settings is not None and health.environment != settings.ambiente:
        yield mal("nube", f"es de {health.environment} y esta instalación, de {settings.ambiente}: revise nube.url")
    if not health.ok:
        yield mal("nube", f"no numera: {health.detail}")
    skew = abs(health.time - (began + took / 2))
    seconds = f"{skew.total_seconds():.0f} s"
    if skew > _SKEW:
        yield mal("hora", f"esta máquina está a {seconds} de la nube: ponga la hora por red (NTP)")
    else:
        yield ok("hora", f"a {seconds} de la nube")
