"""A small document of every type, as the program of a shop would write it, with the totals that a person adds up."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from outside.judge import Drop

CLIENTE = "DOCUMENTO=215555550010\nNOMBRE=Cliente SA\nDIRECCION=Calle 1\nCIUDAD=Salto\n"
VECINA = "DOCUMENTO=12345672\nNOMBRE=Ana\nDIRECCION=Calle 2\nCIUDAD=Salto\n"
ABROAD = "TIPO_DOC=OTRO\nPAIS=DE\nDOCUMENTO=DE12345\nNOMBRE=Kunde GmbH\nDIRECCION=Strasse 1\nCIUDAD=Bremen\n"
ABROAD += "DEPARTAMENTO=Bremen\nNOMBRE_PAIS=ALEMANIA\n"
MANDANTE = "[MANDANTE]\nDOCUMENTO=214844360018\nNOMBRE=Mandante SA\n"
EXPORTACION = "[EXPORTACION]\nCLAUSULA=FOB\nMODALIDAD=GENERAL\nVIA=MARITIMA\n"

RETENCION = "[RETENCION]\nCODIGO=2183165\nTASA=5\nBASE=100,00\n"

RECEPTORES = {10: "", 11: CLIENTE, 12: ABROAD, 13: VECINA, 14: CLIENTE, 15: VECINA}
SALES: Mapping[int, tuple[str, str, str]] = {
    10: ("", "[ITEM]\nDETALLE=Yerba\nIVA=BASICA\nCANTIDAD=2\nPRECIO=122,00\n", "244.00"),
    11: ("", "[ITEM]\nDETALLE=Harina\nIVA=MINIMA\nCANTIDAD=1\nPRECIO=110,00\nAGENTE=A\n" + RETENCION, "110.00"),
    12: (
        "MONEDA=USD\nCOTIZACION=40,50\n",
        EXPORTACION + "[ITEM]\nDETALLE=Lana\nIVA=EXPORTACION\nNCM=5101.11\nCANTIDAD=3\nPRECIO=33,33\n",
        "99.99",
    ),
    13: ("", MANDANTE + "[ITEM]\nDETALLE=Pasaje\nIVA=EXENTA\nPRECIO=50,00\n", "50.00"),
    14: ("", MANDANTE + "[ITEM]\nDETALLE=Flete\nIVA=BASICA\nPRECIO=61,00\n", "61.00"),
    15: ("", "[ITEM]\nDETALLE=Lana sucia\nIVA=NO_CONTRIBUYENTE\nCANTIDAD=10\nUNIDAD=kg\nPRECIO=7,50\n", "75.00"),
}
"""First two figures of the type -> more of [DOCUMENTO], the lines, the total."""
TRASLADO = (
    "[TRASLADO]\nMOTIVO=INTERNO\nPROPIETARIO_DOCUMENTO=214844360018\nPROPIETARIO_NOMBRE=Mandante SA\n"
    "[ITEM]\nDETALLE=Cajones\nCANTIDAD=12\nUNIDAD=UN\n"
)
ALONE: Mapping[int, tuple[str, str, str]] = {
    124: (ABROAD, EXPORTACION + "[TRASLADO]\nMOTIVO=VENTA\n[ITEM]\nDETALLE=Carne\nCANTIDAD=10\nPRECIO=3\n", "30.00"),
    181: (CLIENTE, TRASLADO, "0.00"),
    182: (CLIENTE, "[RETENCION]\nCODIGO=2183165\nTASA=50\nBASE=22000,00\n", "0.00"),
}
"""Type -> receiver, lines, TOTAL."""


def every_type(day: date, estado: str, tag: str = "") -> Iterator[Drop]:
    """
    A file for each of the 42 types, notes behind what they correct; `tag` makes their REFERENCIAs new ones.

    Those of paper bring a number of a booklet of their own.
    """
    for first, (more, lines, total) in SALES.items():
        for note in (0, 1, 2):
            tipo = first * 10 + 1 + note
            refers = f"[REFERENCIA]\nVENTA={tag}T{first}1\nRAZON=Se corrige\n" if note else ""
            body = f"FORMA_PAGO=CREDITO\n{more}[RECEPTOR]\n{RECEPTORES[first]}{lines}{refers}"
            yield from _both(tipo, body, total, day, estado, tag)
    for tipo, (receptor, lines, total) in ALONE.items():
        yield from _both(tipo, f"[RECEPTOR]\n{receptor}{lines}", total, day, estado, tag)


def _both(tipo: int, body: str, total: str, day: date, estado: str, tag: str) -> Iterator[Drop]:
    yield _drop(tipo, body, total, day, estado, tag)
    paper = (
        f"SERIE=XA\nNUMERO={950_000 + tipo}\nCONSTANCIA=12345678901\nCONSTANCIA_DESDE=950001\n"
        f"CONSTANCIA_HASTA=951000\nCONSTANCIA_VENCE={day.year + 1}-12-31\n"
    )
    if not tag:
        yield _drop(tipo + 100, paper + body, total, day, estado, tag)


def _drop(tipo: int, body: str, total: str, day: date, estado: str, tag: str) -> Drop:
    referencia = f"{tag}T{tipo}"
    text = f"[DOCUMENTO]\nTIPO={tipo}\nREFERENCIA={referencia}\nFECHA={day:%d/%m/%Y}\n{body}[FIN]\n"
    return Drop(
        name=f"{referencia}.txt",
        content=text.encode("ascii"),
        encoding="ascii",
        referencia=referencia,
        estado=estado,
        tipo=tipo,
        importes={"TOTAL": Decimal(total)},
    )
