"""What `configurar` asks, in order: as little as a first sale needs. Everything else has its default in the TOML."""

from collections.abc import Callable

from sincronizador.cli import tryouts
from sincronizador.cli.asking import Answers, Question, Wrong
from sincronizador.cli.ownership import SERVICE_TOML
from sincronizador.cli.tryouts import KEPT
from sincronizador.core.contribuyente import Contribuyente
from sincronizador.countries.uy.tipos import Regimen
from sincronizador.errors import SincronizadorError

TEST_RUT = "219999830019"
YES_NO = ("si", "no")
INSTALLED, TRIAL, FILE, LATER = "instalado", "prueba", "archivo", "despues"
"""Where the certificate comes from."""

Default = Callable[[Answers, str], str]
Condition = Callable[[Answers, str], bool]


def _when(key: str, *values: str) -> Condition:
    return lambda answers, _: answers.get(key) in values


def _before(get: Callable[[Answers], str], otherwise: str = "", trial: str = "") -> Default:
    """What the installation that is there says, else `otherwise`, in prueba `trial`."""

    def default(answers: Answers, name: str) -> str:  # noqa: ARG001 - a default
        if answers.before is not None and (said := get(answers)):
            return said
        return otherwise or (trial if answers.get("ambiente") == "prueba" else "")

    return default


def _issuer(
    field: str, known: Callable[[Contribuyente], str] | None = None, otherwise: str = "", trial: str = ""
) -> Default:
    """The same of a field of the issuer; of a new one, what the tax authority has registered."""
    said = _before(lambda answers: getattr(answers.before.emisor, field) if answers.before else "", otherwise, trial)

    def default(answers: Answers, name: str) -> str:
        found = answers.found.get("contribuyente")
        if answers.before is None and found is not None and known is not None and known(found):
            return known(found)
        return said(answers, name)

    return default


def _origins(answers: Answers, name: str) -> str:  # noqa: ARG001 - a default
    if has_certificate(answers):
        return INSTALLED
    alone_in_trial = answers.get("ambiente") == "prueba" and answers.get("ruta") == "local"
    return TRIAL if alone_in_trial else FILE


def has_certificate(answers: Answers) -> bool:
    """Whether the installation has one that opens, and that is good for what was answered."""
    before = answers.before
    if before is None:
        return False
    try:
        answers.given.setdefault("certificado.archivo", before.certificado.archivo)
        tryouts.password(before.certificado.clave.read().decode("utf-8", "replace"), answers)
    except (SincronizadorError, Wrong):
        return False
    finally:
        answers.given.pop("certificado.archivo", None)
    return True


def _origin(text: str, answers: Answers) -> str:
    if text == TRIAL and (answers.get("ambiente"), answers.get("ruta")) != ("prueba", "local"):
        raise Wrong('El certificado de prueba es solo para ambiente = "prueba" con ruta = "local".')
    if text == INSTALLED and not has_certificate(answers):
        raise Wrong("No hay ninguno instalado que sirva para lo que contestó.")
    return text


def _secret(is_there: Callable[[Answers], bool]) -> Default:
    return lambda answers, _: KEPT if answers.before is not None and is_there(answers) else ""


def _station(field: str, otherwise: str = "") -> Default:
    def default(answers: Answers, name: str) -> str:
        table = answers.before.impresora.get(name.upper()) if answers.before else None
        if table is not None:
            return str(getattr(table, field))
        if field == "destino" and answers.get(f"impresora.{name}.via") == "carpeta":
            return f"papel-{name.lower()}"
        return otherwise

    return default


def _has_group(answers: Answers, name: str) -> bool:  # noqa: ARG001 - a condition
    return answers.as_root


def _journal(answers: Answers, name: str) -> str:  # noqa: ARG001 - a default
    if answers.before is not None:
        return answers.before.diario
    return "/var/lib/sincronizador/diario.db" if for_service(answers) else "diario.db"


def _spool(answers: Answers, name: str) -> str:  # noqa: ARG001 - a default
    if answers.before is not None:
        return answers.before.spool
    return "/var/spool/sincronizador" if for_service(answers) else "spool"


def for_service(answers: Answers) -> bool:
    """Whether the installation is the system's service: root writes its TOML where the unit looks for it."""
    return answers.as_root and answers.toml == SERVICE_TOML


def _year(answers: Answers, name: str) -> str:  # noqa: ARG001 - a default
    known = answers.before.ui.get(answers.now.year) if answers.before else None
    if known is not None:
        return f"{known}".replace(".", ",")
    return "6,4000" if answers.get("ambiente") == "prueba" else ""


QUESTIONS: tuple[Question, ...] = (
    Question(
        key="ambiente",
        about="Para qué es",
        sentence="Ambiente: prueba, donde nada vale ante DGI, o produccion",
        choices=("prueba", "produccion"),
        check=tryouts.ambiente,
        default=_before(lambda answers: answers.before.ambiente if answers.before else "", "prueba"),
    ),
    Question(
        key="seguro",
        about="Para qué es",
        sentence="Todo lo que se emita va a valer. Escriba PRODUCCION para seguir",
        check=tryouts.production,
        when=_when("ambiente", "produccion"),
    ),
    Question(
        key="ruta",
        about="Quién numera y firma",
        sentence="Quién numera: local (esta máquina, con sus CAE) o nube",
        choices=("local", "nube"),
        default=_before(lambda answers: answers.before.ruta if answers.before else "", "local"),
    ),
    Question(
        key="nube.url",
        about="Quién numera y firma",
        sentence="Dirección de la nube (https://...)",
        check=tryouts.url,
        default=_before(lambda answers: answers.before.nube.url if answers.before and answers.before.nube else ""),
        when=_when("ruta", "nube"),
    ),
    Question(
        key="nube.ca",
        about="Quién numera y firma",
        sentence="Archivo PEM de su autoridad (Enter: es una pública)",
        check=tryouts.authority,
        needs=("nube.url",),
        default=_before(
            lambda answers: (answers.before.nube.ca or "") if answers.before and answers.before.nube else ""
        ),
        optional=True,
        when=_when("ruta", "nube"),
    ),
    Question(
        key="nube.token",
        about="Quién numera y firma",
        sentence="Token de esta instalación (no se ve al escribirlo)",
        check=tryouts.token,
        needs=("nube.url", "nube.ca"),
        default=_secret(lambda answers: answers.before is not None and answers.before.nube is not None),
        secret=True,
        when=_when("ruta", "nube"),
    ),
    Question(
        key="emisor.rut",
        about="La empresa",
        sentence="RUT",
        check=tryouts.rut,
        default=_issuer("rut", trial=TEST_RUT),
    ),
    Question(
        key="emisor.razon_social",
        about="La empresa",
        sentence="Razón social",
        check=tryouts.of_issuer("razon_social"),
        default=_issuer("razon_social", lambda found: found.razon_social, trial="ALMACÉN DE PRUEBA S.A."),
    ),
    Question(
        key="emisor.nombre_comercial",
        about="La empresa",
        sentence="Nombre comercial (Enter: ninguno)",
        check=tryouts.of_issuer("nombre_comercial"),
        default=_issuer("nombre_comercial", lambda found: found.nombre_fantasia),
        optional=True,
    ),
    Question(
        key="emisor.regimen",
        about="La empresa",
        sentence=f"Régimen: {', '.join(Regimen)}",
        choices=tuple(Regimen),
        default=_issuer("regimen", otherwise="general"),
    ),
    Question(
        key="emisor.resolucion",
        about="La empresa",
        sentence="Resolución de DGI, o fecha desde la que es emisor (se imprime)",
        check=tryouts.of_issuer("resolucion"),
        default=_issuer("resolucion", trial="Res. 1/2026"),
    ),
    Question(
        key="emisor.web",
        about="La empresa",
        sentence="Página donde se verifican los comprobantes (se imprime)",
        check=tryouts.of_issuer("web"),
        default=_issuer("web", otherwise="www.efactura.dgi.gub.uy"),
    ),
    Question(
        key="emisor.sucursal",
        about="El local",
        sentence="Código de la sucursal en DGI",
        check=tryouts.of_issuer("sucursal"),
        default=_issuer("sucursal", otherwise="1"),
    ),
    Question(
        key="emisor.domicilio",
        about="El local",
        sentence="Domicilio",
        check=tryouts.of_issuer("domicilio"),
        default=_issuer("domicilio", lambda found: found.direccion, trial="18 de Julio 1234"),
    ),
    Question(
        key="emisor.ciudad",
        about="El local",
        sentence="Ciudad",
        check=tryouts.of_issuer("ciudad"),
        default=_issuer("ciudad", lambda found: found.ciudad, "Montevideo"),
    ),
    Question(
        key="emisor.departamento",
        about="El local",
        sentence="Departamento",
        check=tryouts.of_issuer("departamento"),
        default=_issuer("departamento", lambda found: found.departamento, "Montevideo"),
    ),
    Question(
        key="instalacion.id",
        about="El local",
        sentence="Nombre corto de este lugar, hasta 8 letras y cifras",
        check=tryouts.installation,
        default=_before(lambda answers: answers.before.instalacion.id if answers.before else "", "S01"),
    ),
    Question(
        key="ui",
        about="El local",
        sentence="Valor de la UI al 31 de diciembre pasado (la publica el INE)",
        check=tryouts.ui,
        default=_year,
    ),
    Question(
        key="spool",
        about="Las carpetas",
        sentence="Carpeta de trabajo, donde el otro sistema deja sus archivos",
        check=tryouts.spool,
        default=_spool,
    ),
    Question(
        key="diario",
        about="Las carpetas",
        sentence="Archivo del diario, la memoria del servicio",
        check=tryouts.journal,
        needs=("spool",),
        default=_journal,
    ),
    Question(
        key="cajas",
        about="Las carpetas",
        sentence="Cajas con subcarpeta propia, separadas por comas (Enter: ninguna)",
        check=tryouts.tills,
        optional=True,
    ),
    Question(
        key="grupo",
        about="Las carpetas",
        sentence="Grupo de quienes dejan archivos (Enter: el del servicio)",
        check=tryouts.group,
        optional=True,
        when=_has_group,
    ),
    Question(
        key="certificado.origen",
        about="El certificado",
        sentence="archivo, instalado, despues, o prueba (no tengo: use uno de mentira)",
        choices=(FILE, TRIAL, INSTALLED, LATER),
        check=_origin,
        default=_origins,
    ),
    Question(
        key="certificado.archivo",
        about="El certificado",
        sentence="Archivo del certificado (.p12 o .pfx)",
        check=tryouts.certificate,
        when=_when("certificado.origen", FILE),
    ),
    Question(
        key="certificado.clave",
        about="El certificado",
        sentence="Su contraseña (no se ve al escribirla)",
        check=tryouts.password,
        needs=("certificado.archivo", "emisor.rut", "ambiente"),
        optional=True,
        secret=True,
        when=_when("certificado.origen", FILE),
    ),
    Question(
        key="cae",
        about="Los CAE",
        sentence="Archivos de CAE, o la carpeta que los tiene (Enter: más tarde)",
        check=tryouts.ranges,
        needs=("emisor.rut", "emisor.regimen", "ambiente"),
        optional=True,
        when=lambda answers, _: answers.get("ruta") == "local" and answers.get("certificado.origen") != TRIAL,
    ),
    Question(
        key="impresoras",
        about="Las impresoras",
        sentence="Nombres de las impresoras, separados por comas («-»: ninguna)",
        check=tryouts.stations,
        default=_before(lambda answers: ", ".join(answers.before.impresora) if answers.before else "", "CAJA1"),
        optional=True,
    ),
    Question(
        key="impresora.{}.via",
        each="impresoras",
        about="Las impresoras",
        sentence="{}: vía (tcp usb serie cups dispositivo windows; carpeta: de mentira)",
        choices=("tcp", "usb", "serie", "cups", "dispositivo", "windows", "carpeta"),
        default=_station("via", "carpeta"),
    ),
    Question(
        key="impresora.{}.destino",
        each="impresoras",
        about="Las impresoras",
        sentence="{}: destino (192.168.1.50:9100, /dev/usb/lp0, una cola...)",
        check_of=tryouts.destination,
        needs=("impresora.{}.via",),
        default=_station("destino"),
    ),
    Question(
        key="impresora.{}.columnas",
        each="impresoras",
        about="Las impresoras",
        sentence="{}: letras por línea, 48 (80 mm), 42 o 32 (58 mm)",
        choices=("48", "42", "32"),
        default=_station("columnas", "48"),
    ),
    Question(
        key="impresora.{}.pagina",
        each="impresoras",
        about="Las impresoras",
        sentence="{}: ¿imprimo una página de prueba?",
        choices=YES_NO,
        check_of=tryouts.trial,
        needs=("impresora.{}.destino", "impresora.{}.columnas"),
        default=lambda answers, _: "no" if answers.alone else "si",
        when=lambda answers, name: answers.get(f"impresora.{name}.via") != "carpeta",
    ),
    Question(
        key="impresora.{}.salio",
        each="impresoras",
        about="Las impresoras",
        sentence="{}: ¿salió?",
        choices=YES_NO,
        check=tryouts.came_out,
        default=lambda answers, _: "si" if answers.alone else "",
        when=lambda answers, name: answers.get(f"impresora.{name}.pagina") == "si",
    ),
    Question(
        key="documento",
        about="Para terminar",
        sentence="¿Emito un comprobante de prueba al terminar?",
        choices=YES_NO,
        default=lambda *_: "si",
        when=lambda answers, _: answers.get("ambiente") == "prueba" and answers.get("certificado.origen") != LATER,
    ),
)
