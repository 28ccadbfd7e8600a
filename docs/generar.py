"""Makes the pages of the manual that are lists of the code: ``errores.md`` and ``campos.md``. ``make docs``."""

import os
import sys
from collections.abc import Iterable, Iterator

from sincronizador.core import cloud_codes, codes
from sincronizador.core.finding import Rule
from sincronizador.countries.uy import cae, efactshell, schema, signed
from sincronizador.countries.uy import codes as law
from sincronizador.countries.uy.fields import Field, Kind, field_reference
from sincronizador.formats.mapping import codes as mapping
from sincronizador.nube import codes as cloud
from sincronizador.nube import server_codes
from sincronizador.signing import codes as signing

FOLDER = os.path.dirname(os.path.abspath(__file__))

_FAMILIES = {
    "E01": "El archivo",
    "E014": "Archivos que lee un mapeo",
    "E02": "La forma del archivo",
    "E1": "La ley",
    "E190": "Documentos firmados",
    "E20": "Números, certificado y reloj",
    "E21": "Certificados y firmas",
    "E22": "Archivos de CAE",
    "E3": "La nube",
    "E33": "La nube por dentro: quién habla, y su administración",
    "E34": "La nube por dentro: la base",
    "E35": "La nube por dentro: comprobantes y números",
    "E36": "La nube por dentro: el servidor",
    "E4": "Impresión",
    "E90": "Errores internos",
    "E91": "Pedidos que se dieron por terminados",
    "E92": "Disco, carpetas y diario",
    "E93": "Configuración",
    "A": "Avisos: el comprobante sale igual",
}
"""Beginning of the codes -> heading, in the order of the page; the longest beginning that fits wins."""


def all_rules() -> list[Rule]:
    """Every rule there is, by code."""
    found = [*codes.RULES, *cloud_codes.RULES, *law.RULES, *signing.RULES, *cae.RULES, signed.UNREADABLE]
    found += [*schema.RULES, *efactshell.RULES, *cloud.RULES, *server_codes.RULES]
    found += mapping.RULES
    return sorted(found, key=lambda rule: (_family(rule.code), rule.code))


def errors_page() -> str:
    """``errores.md``."""
    lines = [
        "# Códigos",
        "",
        "Cada código es para siempre: un programa puede decidir por él. `MENSAJE` y `SUGERENCIA` de la respuesta traen",
        "estas frases con los datos del caso (lo que aquí va entre llaves).",
        "",
        "Esta página se hace del catálogo del programa con `make docs`.",
    ]
    heading = ""
    for rule in all_rules():
        if (title := _FAMILIES[_family(rule.code)]) != heading:
            heading = title
            lines += ["", f"## {heading}", "", "| código | qué es | mensaje | qué hacer |", "|---|---|---|---|"]
        norm = f" ({rule.norm})" if rule.norm else ""
        lines.append(
            f"| `{rule.code}` | {_cell(rule.title)}{_cell(norm)} | {_cell(rule.message)} | {_cell(rule.hint)} |"
        )
    return "\n".join(lines) + "\n"


def fields_page() -> str:
    """``campos.md``."""
    lines = [
        "# Campos del TXT",
        "",
        "Todas las secciones y todos sus campos, con el elemento del CFE adonde va cada uno. La obligación es de los",
        "cuatro grupos, en este orden: e-Ticket, sus notas, e-Factura, sus notas.",
        "",
        "Esta página se hace de la tabla del programa con `make docs`.",
    ]
    section = ""
    for field in field_reference():
        if field.section != section:
            section = field.section
            lines += [
                "",
                f"## [{section}]",
                "",
                "| campo | qué es | clase | obligación | admite | elemento del CFE | norma |",
            ]
            lines.append("|---|---|---|---|---|---|---|")
        lines.append(_field_row(field))
    lines += [
        "",
        "## [EXTRA]",
        "",
        "Los campos que usted quiera (`MESA`, `MOZO`): no van en el CFE, se imprimen y vuelven en la respuesta.",
        "",
        "## [ADENDA]",
        "",
        "Texto libre, línea por línea, hasta la próxima sección. Se imprime en el recuadro ADENDA.",
    ]
    return "\n".join(lines) + "\n"


_OBLIGATION = {"0": "no va", "1": "siempre", "2": "según el caso", "3": "opcional"}
_FEW = 14
_MANY = 30
PAGES = {"errores.md": errors_page, "campos.md": fields_page}


def _field_row(field: Field) -> str:
    cells = (
        f"`{field.name}`",
        _cell(field.what),
        _form(field),
        _obligation(field),
        _cell(_admits(field)),
        f"`{field.element}`" if field.element else "",
        field.norm,
    )
    return f"| {' | '.join(cells)} |"


def _form(field: Field) -> str:
    if field.length:
        return f"{field.kind}, hasta {field.length}"
    if field.kind is Kind.NUMERO:
        return f"{field.kind}, {field.decimals} decimales"
    return str(field.kind)


def _obligation(field: Field) -> str:
    words = [_OBLIGATION[digit] for digit in field.obligation]
    return words[0] if len(set(words)) == 1 else " / ".join(words)


def _admits(field: Field) -> str:
    # The big tables are sets: their order is nobody's.
    words = [f"`{word}`" for word in (sorted(field.values) if len(field.values) > _MANY else field.values)]
    few = ", ".join(words) if len(words) <= _FEW else f"{', '.join(words[:_FEW])} ... ({len(words)})"
    default = f"si falta: {field.default}" if field.default else ""
    return "; ".join(filter(None, (few, default)))


def _family(code: str) -> str:
    order = list(_FAMILIES)
    fitting = [prefix for prefix in order if code.startswith(prefix)]
    return max(fitting, key=len)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _outdated() -> Iterator[str]:
    for name, page in PAGES.items():
        path = os.path.join(FOLDER, name)
        if not os.path.exists(path) or _read(path) != page():
            yield name


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def main(arguments: Iterable[str]) -> int:
    """Write the pages; with ``--revisar`` only say which are out of date."""
    if "--revisar" in arguments:
        outdated = list(_outdated())
        for name in outdated:
            print(f"docs/{name} no está al día: make docs")
        return int(bool(outdated))
    for name, page in PAGES.items():
        with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as file:
            file.write(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
