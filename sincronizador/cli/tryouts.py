"""Answers of `configurar` tried out: the certificate is opened, the cloud is asked, the printer is looked at."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from sincronizador import native
from sincronizador.cli.asking import Answers, Check, Doubtful, Wrong, listed
from sincronizador.core.contribuyente import Consulta, Contribuyente
from sincronizador.core.receipt import Standing
from sincronizador.countries.uy.checks import issuer_problems
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.rut import check_rut
from sincronizador.engine.alarms import LOW_DISK
from sincronizador.errors import SincronizadorError, Unavailable
from sincronizador.files import cause_of, printable
from sincronizador.folders.layout import is_till

if TYPE_CHECKING:
    from sincronizador.printing.stations import Station
    from sincronizador.providers.door import Cloud

KEPT = "el que está"
"""The answer that leaves a secret as it is."""
_SKEW = timedelta(minutes=1)
_BRANCH = Emisor(
    rut="219999830019", razon_social="X", sucursal="1", domicilio="X", ciudad="X", departamento="X", web="X",
    resolucion="X",
)  # fmt: skip


@contextmanager
def told() -> Iterator[None]:
    """Errors of the family as reasons: what time may mend is doubtful, everything else wrong."""
    try:
        yield
    except Unavailable as error:
        raise Doubtful(f"{error.code}: {error}") from error
    except SincronizadorError as error:
        raise Wrong(f"{error.code}: {error}") from error


def of_issuer(field: str) -> Check:
    """What a field of the issuer may say in its documents."""

    def check(text: str, answers: Answers) -> str:  # noqa: ARG001 - a check
        if problems := issuer_problems(Emisor(**{**asdict(_BRANCH), field: text})):
            raise Wrong(f"{problems[0][0].upper()}{problems[0][1:]}.")
        return text

    return check


def rut(text: str, answers: Answers) -> str:
    """A RUT by its digits; the one that the cloud and the journal know, where they know one."""
    digits = re.sub(r"[.\-/ ]", "", text)
    if not check_rut(digits):
        raise Wrong(f"«{text}» no es un RUT: son 12 cifras, y la última es de control. Revise si falta o sobra una.")
    before = answers.before
    if before is not None and before.emisor.rut != digits and os.path.exists(before.diario):
        raise Wrong(f"El diario {before.diario} es del RUT {before.emisor.rut}: otra empresa lleva otra instalación.")
    if answers.get("ruta") == "nube":
        answers.found["contribuyente"] = _taxpayer(digits, answers)
    return digits


def _taxpayer(digits: str, answers: Answers) -> Contribuyente | None:
    """Who it is, where the cloud knows how to ask; it is only a help for what is asked next."""
    try:
        said = _cloud(answers).taxpayer(digits)
    except SincronizadorError:
        return None
    return said.contribuyente if isinstance(said, Consulta) else None


def ambiente(text: str, answers: Answers) -> str:
    """The environment of what is there already."""
    before = answers.before
    if before is not None and before.ambiente != text and os.path.exists(before.diario):
        raise Wrong(
            f"El diario {before.diario} es de {before.ambiente}: cada ambiente lleva su propia instalación. "
            "Use otro --config."
        )
    return text


def production(text: str, answers: Answers) -> str:  # noqa: ARG001 - a check
    """A person means it."""
    if text.upper() not in ("PRODUCCION", "PRODUCCIÓN"):
        raise Wrong("Escriba PRODUCCION con todas las letras, o «<» para volver a elegir el ambiente.")
    return "PRODUCCION"


def installation(text: str, answers: Answers) -> str:  # noqa: ARG001 - a check
    """A code of at most eight letters."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,8}", text):
        raise Wrong("De 1 a 8 letras, cifras, guiones.")
    return text


def ui(text: str, answers: Answers) -> str:  # noqa: ARG001 - a check
    """The value of a unidad indexada."""
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        value = Decimal(0)
    if not Decimal(3) < value < Decimal(50):
        raise Wrong("Es un número como 6,1690: el valor de la UI en pesos, que publica el INE.")
    return text.replace(".", ",")


# --- the cloud


def url(text: str, answers: Answers) -> str:  # noqa: ARG001 - a check
    """An address as the settings take it."""
    from sincronizador.settings import cloud_url

    try:
        return cloud_url(text)
    except ValueError as error:
        raise Wrong(f"Tiene que ser {error}.") from None


def authority(text: str, answers: Answers) -> str:
    """The cloud answers, and its TLS is to be trusted: by that file, or by the public authorities."""
    path = _path(text, answers) if text else ""
    if path:
        _read(path)
    with told():
        from sincronizador.web import Http

        Http(answers.get("nube.url"), ca=path).request("GET", "/v1/health", {}, None, 5.0)
    return path


def token(text: str, answers: Answers) -> str:
    """The cloud knows it, is of our environment, and its clock is about ours."""
    before = answers.before.nube if answers.before else None
    with told():
        answers.secrets["nube.token"] = before.token.read() if text == KEPT and before else text.encode()
        health = _cloud(answers).health(Standing(epoch=0, server_epoch=""))
    if health.environment != answers.get("ambiente"):
        raise Wrong(f"Esa nube es de {health.environment} y la instalación, de {answers.get('ambiente')}.")
    skew = abs(answers.now - health.time)
    if skew > _SKEW:
        raise Doubtful(
            f"El reloj de esta máquina está a {int(skew.total_seconds())} segundos del de la nube "
            f"({health.time.astimezone(answers.now.tzinfo):%d/%m/%Y %H:%M:%S}): ponga la hora por red (NTP)."
        )
    return text


def _cloud(answers: Answers) -> "Cloud":
    from sincronizador.providers.open_api import OpenApi
    from sincronizador.web import Http

    http = Http(answers.get("nube.url"), ca=answers.get("nube.ca"))
    return OpenApi(http, token=answers.secrets["nube.token"].decode("ascii", "replace"), patience=10.0)


# --- folders


def spool(text: str, answers: Answers) -> str:
    """A folder that can be worked in."""
    _room_for(_target(text, answers))
    return text


def journal(text: str, answers: Answers) -> str:
    """A file on a disk of this machine, outside of the working folders."""
    from sincronizador.owner import is_share

    path, folder = _target(text, answers), _target(answers.get("spool"), answers)
    if os.path.commonpath((path, folder)) == folder:
        raise Wrong(f"Tiene que quedar fuera de las carpetas de trabajo ({folder}).")
    if os.path.isdir(path):
        raise Wrong(f"«{printable(path)}» es una carpeta: diga el nombre del archivo, por ejemplo diario.db.")
    home = _room_for(os.path.dirname(path))
    if is_share(os.path.join(home, "x")):
        raise Doubtful(f"«{printable(home)}» es una carpeta de red: una base de datos se daña ahí. Use un disco local.")
    return text


def tills(text: str, answers: Answers) -> str:  # noqa: ARG001 - a check
    """Names of subfolders."""
    for name in listed(text):
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name) or not is_till(name):
            raise Wrong(f"«{name}» no puede ser una caja: de 1 a 8 letras, cifras, guiones.")
    return text


def group(text: str, answers: Answers) -> str:  # noqa: ARG001 - a check
    """A group of this machine."""
    import grp

    if text:
        try:
            grp.getgrnam(text)
        except KeyError:
            raise Wrong(f"No existe el grupo «{text}» en esta máquina; créelo con «groupadd {text}».") from None
    return text


def _room_for(folder: str) -> str:
    """The nearest folder that exists: whether one may write there, and its disk has room."""
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    if not os.path.isdir(folder):
        raise Wrong(f"«{printable(folder)}» no es una carpeta.")
    room = native.disk_room(folder)
    if room.read_only:
        raise Wrong(f"«{printable(folder)}» está en un disco de solo lectura.")
    if not native.may(folder, os.W_OK | os.X_OK):
        raise Wrong(f"No hay permiso para escribir en «{printable(folder)}»: use sudo, o elija otra carpeta.")
    if room.free < LOW_DISK:
        raise Doubtful(f"En el disco de «{printable(folder)}» quedan {room.free >> 20} MB: haga lugar.")
    return folder


# --- certificate and CAE


def certificate(text: str, answers: Answers) -> str:
    """A file that can be read."""
    path = _path(text, answers)
    _read(path)
    return path


def password(text: str, answers: Answers) -> str:
    """It opens the certificate, which is the issuer's and good today."""
    from sincronizador.signing.certificate import load_pkcs12, problems

    with told():
        facts = load_pkcs12(_read(answers.get("certificado.archivo")), text.encode()).certificate
        found = problems(facts, rut=answers.get("emisor.rut"), ambiente=answers.get("ambiente"), now=answers.now)
    if found:
        raise Wrong(" ".join(f"{one.code}: {one.message} {one.hint or ''}".strip() for one in found))
    answers.secrets["certificado.clave"] = text.encode()
    answers.found["certificado"] = facts
    return text


def ranges(text: str, answers: Answers) -> str:
    """CAE files that this issuer may use; of a folder, all of its XML files."""
    paths = [one for name in listed(text) for one in _files(_path(name, answers))]
    for path in paths:
        with told():
            _range(path, _read(path), answers)
    return "".join(f"{path}\n" for path in paths)


def _range(path: str, content: bytes, answers: Answers) -> None:
    from sincronizador.countries.uy.cae import cae_problems, parse_cae
    from sincronizador.countries.uy.tipos import Regimen
    from sincronizador.signing.verify import verify

    name = printable(os.path.basename(path))
    file = parse_cae(content)
    regimen = Regimen(answers.get("emisor.regimen"))
    found = cae_problems(file, rut=answers.get("emisor.rut"), hoy=answers.now.date(), regimen=regimen)
    if found:
        raise Wrong(f"{name}: {found[0].code}: {found[0].message}")
    if verify(content).certificate.is_test and answers.get("ambiente") == "produccion":
        raise Wrong(f"{name}: el CAE está firmado con un certificado de PRUEBA y esta instalación es de produccion.")


def _files(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path]
    found = sorted(os.path.join(path, name) for name in os.listdir(path) if name.lower().endswith(".xml"))
    if not found:
        raise Wrong(f"En «{printable(path)}» no hay ningún XML.")
    return found


# --- printers


def stations(text: str, answers: Answers) -> str:  # noqa: ARG001 - a check
    """Names of print stations."""
    for name in listed(text):
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,20}", name) or name.upper() == "NINGUNA":
            raise Wrong(f"«{name}» no puede ser una impresora: letras, cifras y guiones, y no «ninguna».")
    return ", ".join(name.upper() for name in listed(text))


def destination(name: str) -> Check:
    """The station answers there."""

    def check(text: str, answers: Answers) -> str:
        via = answers.get(f"impresora.{name}.via")
        target = _target(text, answers) if via in ("dispositivo", "carpeta", "serie") else text
        if via == "carpeta":
            _room_for(target)
            return text
        with told():
            _station(name, via, target).state()
        return text

    return check


def trial(name: str) -> Check:
    """The test page, when it is wanted."""

    def check(text: str, answers: Answers) -> str:
        from sincronizador.printing.trial import trial_ticket

        if text == "si":
            place = f"impresora.{name}"
            via, target = answers.get(f"{place}.via"), answers.get(f"{place}.destino")
            wide = int(answers.get(f"{place}.columnas"))
            station = _station(name, via, target, wide)
            with told():
                station.send(station.render(trial_ticket(name, wide), original=True), name=f"prueba-{name}")
        return text

    return check


def came_out(text: str, answers: Answers) -> str:  # noqa: ARG001 - a check
    """A person saw the paper."""
    if text == "no":
        raise Doubtful(
            "Revise papel, cable y destino; con «<» vuelve atrás. Si salió con letras raras, después use "
            "«sincronizador impresora codigos»."
        )
    return text


def _station(name: str, via: str, target: str, wide: int = 48) -> "Station":
    from sincronizador.daemon.assembly import make_station
    from sincronizador.settings import Impresora

    try:
        table = Impresora.model_validate({"via": via, "destino": target, "columnas": wide}, context="/")
    except ValueError as error:
        raise Wrong(f"No se entiende el destino «{target}».") from error
    return make_station(name, table)


# --- files


def _path(text: str, answers: Answers) -> str:
    return os.path.normpath(os.path.join(answers.base, os.path.expanduser(text)))


def _target(text: str, answers: Answers) -> str:
    """A path as the TOML will mean it."""
    return os.path.normpath(os.path.join(os.path.dirname(answers.toml), text))


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Wrong(f"No se puede leer «{printable(path)}» ({cause_of(error)}).") from error
