"""
The pages of the publication: plain HTML, nothing from anywhere else, read by screen readers, at home on a telephone.

Whatever comes out of a document or of a question is text here, never markup.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape

from sincronizador.countries.uy.figures import day, money
from sincronizador.countries.uy.tipos import Familia, TipoCfe
from sincronizador.nube.publication import CODE, Published

STYLE = """
body{margin:0;background:#f3f4f6;color:#1a1a1a;font:1.0625rem/1.5 system-ui,sans-serif}
main{max-width:34rem;margin:1.5rem auto;padding:1.5rem;background:#fff;border:1px solid #767676;border-radius:.5rem}
h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}
label{display:block;margin-top:1rem;font-weight:600}
input,select{box-sizing:border-box;width:100%;margin-top:.25rem;padding:.6rem;border:1px solid #595959;
border-radius:.25rem;background:#fff;color:inherit;font:inherit}
.corto{max-width:12rem}
.ayuda{margin:.25rem 0 0;color:#4a4a4a;font-size:.9375rem}
.mal,.no{color:#a10d0d;font-weight:600}
.si{color:#0a5c2b;font-weight:600}
.aviso,.prueba{padding:.75rem;border-left:.375rem solid #a10d0d;background:#fdf0f0}
.prueba{border-color:#7a5200;background:#fff6e0}
button{margin-top:1.5rem;padding:.75rem 1.5rem;border:0;border-radius:.25rem;background:#0b4f8a;color:#fff;font:inherit;
font-weight:600;cursor:pointer}
a{color:#0b4f8a}
:focus-visible{outline:3px solid #d97706;outline-offset:2px}
dt{margin-top:.75rem;color:#4a4a4a}
dd{margin:0;font-weight:600;overflow-wrap:anywhere}
ul{padding-left:1.25rem}
li{margin:.5rem 0}
@media(max-width:36rem){main{margin:0;border:0;border-radius:0}}
"""

NOT_FOUND = "No hay ningún comprobante con esos datos. Cópielos del comprobante tal como están y consulte otra vez."
TOO_MANY = "Hubo demasiadas consultas seguidas. Espere un minuto y consulte otra vez."
LATER = "Ahora no se puede consultar. Espere unos minutos y consulte otra vez."

UNCLEAR = "Faltan datos, o están mal escritos."
FILES = {"pdf": "Descargar el PDF", "xml": "Descargar el XML firmado"}
"""Ending of a file of a document -> the words that lead to it."""

_GENERATOR = "sincronizador"
MARK = f'<meta name="generator" content="{_GENERATOR}">'
"""What a page of ours says of itself."""


def hash_of(inline: str) -> str:
    """What a Content-Security-Policy calls a style or a script that stands in the page."""
    return f"'sha256-{b64encode(sha256(inline.encode()).digest()).decode()}'"


POLICY = f"default-src 'none'; style-src {hash_of(STYLE)}; base-uri 'none'; form-action 'self'"
"""What a page may do: have its own style, and ask where it came from."""


def form(
    given: Mapping[str, str], *, wrong: Mapping[str, str] | None = None, notice: str = "", trial: bool, script: str = ""
) -> str:
    """
    The form, filled with what was `given`, with what is `wrong` in which field, and a notice above it.

    With a `script` the page answers by itself: there is a place ``aviso`` for what it has to say.
    """
    wrong = wrong or {}
    fields = (
        _input("rut", "RUC de la empresa", "Doce cifras.", given, wrong, mode="numeric", most=16),
        _types(given, wrong),
        _input("serie", "Serie", "Una o dos letras.", given, wrong, short=True, most=2),
        _input("numero", "Número", "", given, wrong, short=True, mode="numeric", most=7),
        _input(
            "codigo", "Código de seguridad",
            f"Las {CODE} letras, cifras o signos que están junto al código QR, con sus mayúsculas y minúsculas.",
            given, wrong, short=True, most=CODE,
        ),
    )  # fmt: skip
    told = f'<p class="aviso" role="alert" id="aviso"{"" if notice else " hidden"}>{escape(notice)}</p>'
    body = (
        f"{told if notice or script else ''}<p>Escriba los datos tal como están en el comprobante.</p>"
        f'<form method="get" id="consulta">{"".join(fields)}<button type="submit">Consultar</button></form>'
    )
    if not script:
        return _page("Consulta de comprobantes", body, POLICY, trial=trial)
    policy = f"{POLICY}; script-src {hash_of(script)}; connect-src 'self'"
    body += f"<noscript><p>Para consultar aquí hace falta JavaScript.</p></noscript><script>{script}</script>"
    return _page("Consulta de comprobantes", body, policy, trial=trial)


def result(published: Published, files: Iterable[tuple[str, str]], back: str, *, trial: bool) -> str:
    """A document: what it is, how it stands, and `files` of it, as words and the address to which they lead."""
    standing, emitido = published.standing, published.emitido
    facts = [("Empresa", published.emisor), ("RUC de la empresa", published.rut)]
    if standing.vale:
        facts.append(("Fecha", day(emitido.fecha)))
        if TipoCfe(emitido.tipo).familia is not Familia.E_REM:  # it moves goods, and has no amounts
            facts.append(("Total", money(emitido.total, emitido.moneda)))
        facts += [("CAE", emitido.cae), ("Código de seguridad", emitido.codigo_seguridad)]
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    links = "".join(f'<li><a href="{escape(address)}">{escape(words)}</a></li>' for words, address in files)
    kind = "si" if standing.vale else "no"
    body = (
        f'<p class="{kind}" role="status">{escape(standing.frase)}</p><dl>{listed}</dl>'
        f"{f'<ul>{links}</ul>' if links else ''}"
        f'<p><a href="{escape(back)}">Consultar otro comprobante</a></p>'
    )
    return _page(f"{emitido.nombre} {emitido.serie} {emitido.numero}", body, POLICY, trial=trial)


def nothing(*, trial: bool) -> str:
    """What stands where nobody has to look."""
    return _page("No hay nada aquí", "", POLICY, trial=trial)


def _page(title: str, body: str, policy: str, *, trial: bool) -> str:
    banner = '<p class="prueba">Esto es una PRUEBA: nada de lo que se ve aquí tiene valor.</p>' if trial else ""
    return (
        '<!DOCTYPE html>\n<html lang="es"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f'<meta name="referrer" content="no-referrer">{MARK}<title>{escape(title)}</title><style>{STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{banner}{body}</main></body></html>\n"
    )


def _input(
    name: str, label: str, help_: str, given: Mapping[str, str], wrong: Mapping[str, str], *,
    short: bool = False, mode: str = "text", most: int,
) -> str:  # fmt: skip
    about, more = _about(name, help_, wrong)
    kind = ' class="corto"' if short else ""
    # What was typed is given back as far as a field may hold it.
    value = escape(given.get(name, "")[:most])
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input{kind} id="{name}" name="{name}" value="{value}" maxlength="{most}" inputmode="{mode}" required'
        f' autocomplete="off" autocapitalize="off" spellcheck="false"{more}>{about}'
    )


def _types(given: Mapping[str, str], wrong: Mapping[str, str]) -> str:
    about, more = _about("tipo", "", wrong)
    chosen = given.get("tipo", "") or str(int(TipoCfe.E_TICKET))
    options = "".join(
        f'<option value="{int(tipo)}"{" selected" if chosen == str(int(tipo)) else ""}>{escape(tipo.nombre)}</option>'
        for tipo in TipoCfe
    )
    return f'<label for="tipo">Tipo de comprobante</label><select id="tipo" name="tipo"{more}>{options}</select>{about}'


def _about(name: str, help_: str, wrong: Mapping[str, str]) -> tuple[str, str]:
    """What stands below a field, and what the field says of it to a screen reader."""
    found = []
    if help_:
        found.append((f"{name}-ayuda", "ayuda", help_))
    if name in wrong:
        found.append((f"{name}-mal", "ayuda mal", wrong[name]))
    below = "".join(f'<p class="{kind}" id="{id_}">{escape(text)}</p>' for id_, kind, text in found)
    more = f' aria-describedby="{" ".join(id_ for id_, _, _ in found)}"' if found else ""
    return below, more + (' aria-invalid="true"' if name in wrong else "")
