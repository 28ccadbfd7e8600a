"""Assembly: the only place that names concrete adapters."""

import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sincronizador import owner
from sincronizador.core import codes
from sincronizador.core.contingency import Hysteresis
from sincronizador.core.dialect import NO_DIALECTS, Dialect, Dialects
from sincronizador.core.numbering import Rango
from sincronizador.core.template import PLAIN
from sincronizador.countries.door import Country
from sincronizador.countries.uy import hiding
from sincronizador.countries.uy.efactshell import EFactShell
from sincronizador.countries.uy.emisor import Ajustes, Emisor
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.countries.uy.values import tipo_named
from sincronizador.engine.house import House, Rules
from sincronizador.engine.line import Line
from sincronizador.engine.pen import IssuerPen
from sincronizador.engine.retention import Keeping
from sincronizador.engine.routing import Regla
from sincronizador.errors import NeedsOperator
from sincronizador.files import cause_of, make_folder
from sincronizador.folders.claim import Inbox
from sincronizador.folders.layout import Layout
from sincronizador.formats.requests import vocabulary
from sincronizador.journal import jobs, mark, move
from sincronizador.journal.certificates import Installed
from sincronizador.journal.journal import (
    Journal,
    create,
    half_restored,
    look_over,
    meta,
    open_journal,
    remember,
    upgrade,
)
from sincronizador.lock import Lock
from sincronizador.logs import event
from sincronizador.mappings import Ready, load_mapping, load_mappings
from sincronizador.owner import Ownership
from sincronizador.printing.stations import Station, make_printer
from sincronizador.providers.door import Cloud
from sincronizador.providers.open_api import OpenApi
from sincronizador.reserve import Reserve
from sincronizador.schemas import load_schemas
from sincronizador.settings import Entrada, Impresora, Libreta, Settings
from sincronizador.settings import Regla as ReglaToml
from sincronizador.signing.certificate import Identity, load_certificate, load_pkcs12
from sincronizador.signing.encryption import Sealer
from sincronizador.signing.token import SCHEME, load_token
from sincronizador.template_toml import load_template
from sincronizador.web import Http

from .ground import check_mount
from .mirror import FolderMirror
from .room import Disk, Room
from .system_clock import SystemClock

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""What reading a journal through may take at a start that follows a fall: a shop does not wait for more."""
_MOUNT = "montaje:"


def make_uruguay(settings: Settings) -> Country:
    """Uruguay for this issuer. Raises `NeedsOperator`: an issuer that cannot be one, wrong schemas or template."""
    emisor = Emisor(**settings.emisor.model_dump())
    ajustes = Ajustes(
        precios=settings.entrada.precios,
        decimal=settings.entrada.decimal,
        tolerancia=settings.totales.tolerancia,
        redondeo=settings.totales.redondeo,
        textos_largos=settings.textos.largos,
        ui=settings.ui,
        ambiente=settings.ambiente,
    )
    carpeta, plantilla = settings.esquemas.carpeta, settings.impresion.plantilla
    template = load_template(plantilla, hiding.FREE, hiding.BOUND) if plantilla else PLAIN
    return Uruguay(emisor, ajustes, load_schemas(carpeta) if carpeta else None, template)


COUNTRIES: Mapping[str, Callable[[Settings], Country]] = {"uy": make_uruguay}
"""Countries by the name that the TOML uses."""


def make_dialects(settings: Settings, country: Country) -> Dialects:
    """
    The other forms of files that this installation takes.

    Raises `NeedsOperator` with every problem of every mapping, and for two files that would have one name.
    """
    folder = settings.entrada.mapeos
    if folder is None:
        return NO_DIALECTS
    known = vocabulary(country.vocabulary)
    dialects = load_mappings(folder, known, make_ready(settings.libreta), largest=settings.entrada.maximo)
    for dialect in dialects:
        beside = {*settings.salida.formatos, *dialect.companions}
        if dialect.form is not None and dialect.form.extension.lower() in beside:
            clave, valor = f"respuesta.extension del mapeo {dialect.name}", dialect.form.extension
            esperado = "otra que las de salida.formatos: dos archivos tendrían un solo nombre"
            raise codes.BAD_SETTING.at(clave=clave, valor=valor, esperado=esperado).as_error(NeedsOperator)
    return dialects


def make_dialect(toml: str) -> Dialect:
    """The dialect of one mapping, also where there is no installation. Raises `NeedsOperator`."""
    return load_mapping(toml, vocabulary(Uruguay.vocabulary), make_ready(()), largest=Entrada().maximo)


def make_ready(libretas: Sequence[Libreta]) -> Mapping[str, Ready]:
    """The dialects that need no rules, by the `formato` of their mapping."""
    rangos = tuple(
        Rango(
            id=libreta.constancia, tipo=libreta.tipo, serie=libreta.serie, desde=libreta.desde, hasta=libreta.hasta,
            vence=libreta.vence,
        )
        for libreta in libretas
    )  # fmt: skip
    return {"efactshell": lambda name, names: EFactShell(name=name, names=names, libretas=rangos)}


def make_layout(settings: Settings) -> Layout:
    """The working folders."""
    return Layout(settings.spool, settings.entrada.carpeta, settings.salida.carpeta)


def make_rules(settings: Settings) -> Rules:
    """What the settings decide about the walk."""
    return Rules(
        ambiente=settings.ambiente,
        rut=settings.emisor.rut,
        codificacion=settings.entrada.codificacion,
        sin_referencia=settings.entrada.sin_referencia,
        firmados=settings.entrada.firmados,
        decimal=settings.entrada.decimal,
        formatos=settings.salida.formatos,
        publicada=settings.publicacion.activa,
        impresora=settings.impresion.impresora,
        cajas={till: caja.impresora for till, caja in settings.caja.items()},
        reglas=tuple(make_rule(regla) for regla in settings.impresion.regla),
        suplentes={name: one.suplente.upper() for name, one in settings.impresora.items() if one.suplente},
        espera_suplente=timedelta(seconds=settings.impresion.espera_suplente),
        vence=timedelta(seconds=settings.impresion.vence) if settings.impresion.vence else None,
        cajones={name: one.cajon for name, one in settings.impresora.items() if one.cajon != "no"},
        pais=settings.pais,
        ruta=settings.ruta,
        sucursal=settings.emisor.sucursal,
        paciencia=timedelta(seconds=settings.nube.paciencia if settings.nube else 0),
        nube_ajena=settings.nube is not None and settings.nube.ajena,
        decision=timedelta(seconds=settings.plazo.decision),
        espera_envio=timedelta(seconds=settings.impresion.espera_envio),
        recibidos=settings.nube is not None and settings.nube.recibidos,
        reserva=settings.nube.reserva if settings.nube else 0,
        contingencia_larga=timedelta(hours=settings.avisos.contingencia_horas),
        cola_vieja=timedelta(minutes=settings.avisos.cola_minutos),
        calma=timedelta(seconds=settings.avisos.calma),
        respaldo_automatico=bool(settings.respaldo.automatico),
    )


def make_keeping(settings: Settings) -> Keeping:
    """For how long what nobody needs is kept."""
    return Keeping(
        salida=settings.salida.conservar,
        procesados=settings.conservar.procesados,
        rechazados=settings.conservar.rechazados,
        diario=settings.conservar.diario,
    )


def make_rule(regla: ReglaToml) -> Regla:
    """A rule of the settings, its types as their codes."""
    return Regla(
        cajas=frozenset(till.upper() for till in regla.caja),
        tipos=frozenset(tipo for name in regla.tipo if (tipo := tipo_named(str(name))) is not None),
        via=regla.via,
        impresora=regla.impresora.upper(),
        copias=regla.copias,
    )


def make_house(settings: Settings, journal: Journal) -> tuple[House, IssuerPen]:
    """The engine's surroundings, and the key in them."""
    pen = make_pen(settings, journal)
    mirror = FolderMirror(settings.respaldo.espejo) if settings.respaldo.espejo else None
    rescued = FolderMirror(rescued_path(settings)) if os.path.isdir(rescued_path(settings)) else None
    house = _make_house(settings, journal, pen)
    return replace(house, cloud=make_cloud(settings), mirror=mirror, rescued=rescued), pen


def rescued_path(settings: Settings) -> str:
    """The folder of what was signed here and found in a journal that its backup replaced."""
    return f"{settings.diario}.rescatados"


def make_checker(settings: Settings, journal: Journal) -> House:
    """The surroundings of `validar`: there is nobody to talk to."""
    return _make_house(settings, journal, make_pen(settings, journal))


def make_station(name: str, station: Impresora) -> Station:
    """The print station of a table ``[impresora.NOMBRE]``."""
    return make_printer(
        name,
        station.via,
        station.destino,
        station.columnas,
        station.pagina_codigos,
        qr=station.qr,
        corte=station.corte,
        pitido=station.pitido,
        velocidad=station.velocidad,
        flujo=station.flujo,
    )


def _make_house(settings: Settings, journal: Journal, pen: IssuerPen) -> House:
    country = COUNTRIES[settings.pais](settings)
    printers = {name: make_station(name, station) for name, station in settings.impresora.items()}
    return House(
        journal=journal,
        country=country,
        rules=make_rules(settings),
        layout=make_layout(settings),
        pen=pen,
        printers=printers,
        clock=SystemClock(country),
        line=make_line(settings, journal),
        seal=make_seal(settings),
        dialects=make_dialects(settings, country),
    )


def make_line(settings: Settings, journal: Journal) -> Line:
    """When contingencia opens and closes."""
    nube = settings.nube
    rules = Hysteresis(failures=nube.fallas, stable=timedelta(seconds=nube.estable)) if nube else Hysteresis()
    return Line(journal, rules, place_of(settings))


def place_of(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Who and where this is, as the authority asks when a contingencia is told."""
    emisor = settings.emisor
    return (
        ("RUT", emisor.rut), ("RAZON_SOCIAL", emisor.razon_social), ("SUCURSAL", emisor.sucursal),
        ("DOMICILIO", f"{emisor.domicilio}, {emisor.ciudad}, {emisor.departamento}"),
        ("INSTALACION", settings.instalacion.id),
    )  # fmt: skip


def make_cloud(settings: Settings) -> Cloud | None:
    """The cloud of the route ``nube``. Its token is read now: raises `NeedsOperator` E9306 without one."""
    nube = settings.nube
    if settings.ruta != "nube" or nube is None:
        return None
    http = Http(nube.url, ca=nube.ca or "")
    return OpenApi(http, token=nube.token.read().decode("ascii", "replace"), patience=nube.espera)


def make_pen(settings: Settings, journal: Journal) -> IssuerPen:
    """The key of the certificate that the settings name, as far as the journal knows it."""

    own = settings.certificado

    def load() -> Identity:
        return load_identity(own.archivo, own.clave.read())

    def load_next() -> Identity | None:
        return load_identity(own.siguiente, own.clave.read()) if os.path.exists(own.siguiente) else None

    rut, ambiente = settings.emisor.rut, settings.ambiente
    return IssuerPen(load, Installed(journal), rut=rut, ambiente=ambiente, load_next=load_next)


def load_identity(path: str, password: bytes) -> Identity:
    """A key from its file, or in its token. Raises `NeedsOperator` E2014 when there is no file to read, else E21xx."""
    if path.startswith(SCHEME):
        return load_token(path, password)
    return load_pkcs12(_read(path), password)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as exc:
        raise codes.CERTIFICATE_FILE.at(detalle=path, causa=cause_of(exc)).as_error(NeedsOperator) from exc


def make_seal(settings: Settings) -> Sealer | None:
    """What encrypts for DGI. Raises `NeedsOperator`: E2014 for a certificate that cannot be read, E2102, E2105."""
    if settings.mandante is None:
        return None
    certificate = load_certificate(_read(settings.mandante.certificado))
    return Sealer(certificate, settings.mandante.cifrado)


def make_inbox(settings: Settings, house: House) -> Inbox:
    """The folders that files are dropped into."""

    def busy(till: str, stem: str, *, only_check: bool) -> bool:
        with house.journal.reading() as db:
            return jobs.is_busy(db, till, stem, only_check=only_check)

    return Inbox(
        house.layout,
        incompleto=settings.entrada.incompleto,
        maximo=settings.entrada.maximo,
        busy=busy,
        dialects=house.dialects,
        espera=settings.entrada.espera,
    )


def make_room(settings: Settings) -> Room:
    """
    The reserves: one on the disk of the journal, and one on that of the folders where it is another.

    Of a small disk an eighth at most.
    """
    layout = make_layout(settings)
    home, name = os.path.split(settings.diario)
    wanted = {layout.spool: os.path.join(layout.spool, ".reserva"), home: os.path.join(home, f".{name}.reserva")}
    disks = {os.stat(_existing(folder)).st_dev: (folder, reserve) for folder, reserve in wanted.items()}
    most = settings.espacio.reserva << 20
    sizes = {folder: min(most, shutil.disk_usage(_existing(folder)).total // 8) for folder, _ in disks.values()}
    return Room(Disk(folder, Reserve(reserve, sizes[folder])) for folder, reserve in disks.values())


def _existing(folder: str) -> str:
    """The nearest folder above that exists: it will be made there."""
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return folder


def locks(settings: Settings) -> list[Lock]:
    """What keeps a second daemon away from this journal and these folders."""
    layout = make_layout(settings)
    spool, *others = (os.path.realpath(folder) for folder in (layout.spool, layout.entrada, layout.salida))
    # Below the spool its own lock is enough, and no stranger lies in the folders of the legacy system; but one of
    # another installation may lie there, or where our folder is below the other's spool.
    outside = [folder for folder in others if not folder.startswith(f"{spool}/")]
    perhaps = [*others, *(os.path.dirname(folder) for folder in outside)]
    locked = [folder for folder in perhaps if os.path.exists(os.path.join(folder, ".candado"))]
    folders = dict.fromkeys([spool, *outside, *locked])
    return [Lock(f"{settings.diario}.candado"), *(Lock(os.path.join(folder, ".candado")) for folder in folders)]


def make_ownership(settings: Settings, now: datetime) -> Ownership:
    """What tells another machine that these folders are ours."""
    folders = [os.path.dirname(lock.path) for lock in locks(settings)[1:]]
    return Ownership(folders, owner.me(now))


def take_locks(settings: Settings, now: datetime) -> list[Lock]:
    """
    All of them or none. Raises `NeedsOperator`: E9221, naming the owner, E92xx for a folder that cannot be made.

    Nothing but their own folders is made: it may be the place of a disk that is not mounted.
    """
    taken: list[Lock] = []
    try:
        for lock in locks(settings):
            make_folder(os.path.dirname(lock.path), parents=True)
            lock.take(now)
            taken.append(lock)
    except NeedsOperator:
        for lock in taken:
            lock.release()
        raise
    return taken


def open_or_create(settings: Settings, now: datetime, *, anew: bool = False) -> Journal:
    """
    The installation's journal; a new one only beside empty folders, or `anew` where the cloud knows what was issued.
    The caller holds the locks.

    Raises `NeedsOperator` when it is missing beside work that it should know, is of another installation, or moved.
    """
    if not os.path.exists(settings.diario) and not os.path.exists(half_restored(settings.diario)):
        if not (anew and settings.ruta == "nube"):
            refuse_lost(settings)
        facts = {"pais": settings.pais, "ambiente": settings.ambiente, "rut": settings.emisor.rut}
        return create(settings.diario, {**facts, "instalacion": settings.instalacion.id, "creado": now.isoformat()})
    if _was_cut(settings.diario) and not look_over(settings.diario, LOOK_SECONDS):
        event(log, "journal_not_read_through", level=logging.WARNING, seconds=LOOK_SECONDS)
    if copy := upgrade(settings.diario):
        event(log, "journal_upgraded", copy=copy)
    journal = open_journal(settings.diario)
    check_origin(settings, journal)
    refuse_moved(journal)
    return journal


def refuse_moved(journal: Journal) -> None:
    """Raises `NeedsOperator` E9262 for a journal that another machine goes on with."""
    with journal.reading() as db:
        found = move.read(db)
    if found is not None:
        raise codes.MOVED.at(cuando=found.at, archivo=", ".join(found.paths)).as_error(NeedsOperator)


def refuse_lost(settings: Settings) -> None:
    """Raises `NeedsOperator` E9223 where there is work that a journal should know, which is not there."""
    if evidence := _evidence(make_layout(settings)):
        raise codes.LOST_JOURNAL.at(detalle=settings.diario, evidencia=evidence).as_error(NeedsOperator)


def _was_cut(path: str) -> bool:
    """Whether nobody closed the journal: a log lies beside it, or its mark does not say that it was."""
    log_of = f"{path}-wal"
    known = mark.read(mark.path_of(path))
    return (os.path.exists(log_of) and os.path.getsize(log_of) > 0) or (known is not None and not known.closed)


def missing_journal(settings: Settings) -> str:
    """The sentence for a journal that is not there; empty when it is."""
    if os.path.exists(settings.diario) or os.path.exists(half_restored(settings.diario)):
        return ""
    evidence = _evidence(make_layout(settings))
    rule = codes.LOST_JOURNAL if evidence else codes.JOURNAL_MISSING
    return str(rule.at(detalle=settings.diario, evidencia=evidence).as_error(NeedsOperator))


def check_origin(settings: Settings, journal: Journal) -> None:
    """Raises `NeedsOperator` E9224 when the journal was created for another country, environment or issuer."""
    expected = {"pais": settings.pais, "ambiente": settings.ambiente, "rut": settings.emisor.rut}
    with journal.reading() as db:
        for key, value in expected.items():
            if (found := meta(db, key)) != value:
                raise codes.OTHER_JOURNAL.at(detalle=settings.diario, field=key, value=found, esperado=value).as_error(
                    NeedsOperator
                )


def look_at_mount(layout: Layout, journal: Journal) -> None:
    """
    That the working folders are on the disk they were on; remembered for the next start. Before they are made.

    Raises `NeedsOperator` E9207.
    """
    with journal.reading() as db:
        known = meta(db, f"{_MOUNT}{layout.spool}")
    if known:
        check_mount(layout, known)
    if known != layout.mount():
        with journal.transaction() as db:
            remember(db, f"{_MOUNT}{layout.spool}", layout.mount())


def _evidence(layout: Layout) -> str:
    """The first trace of earlier work, or the empty string."""
    for folder in (layout.procesando, layout.procesados, layout.rechazados, layout.novedades):
        for _, _, names in os.walk(folder):
            if found := next((name for name in names if not name.startswith(".")), ""):
                return os.path.join(os.path.basename(folder), found)
    for _, _, names in os.walk(layout.salida):
        if found := next((name for name in names if name.lower().endswith((".rsp", ".val"))), ""):
            return os.path.join(os.path.basename(layout.salida), found)
    return ""
