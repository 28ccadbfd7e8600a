"""The sign of life."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

from sincronizador.folders.heartbeat import Latido, Modo, beat, render
from sincronizador.folders.layout import Layout

AT = datetime(2026, 11, 21, 15, 4, 5, 999, tzinfo=timezone(timedelta(hours=-3)))
LATIDO = Latido(
    pulso=7,
    version="0.1.0",
    ambiente="prueba",
    modo=Modo.LOCAL,
    desde=AT,
    hora=AT,
    cola_impresion=2,
    impresora="lista",
    novedades=1,
    quedan={111: 5, 101: 998},
    certificado_dias=29,
    alarmas=("Falta el valor de la UI para el año 2027.",),
)
EXPECTED = b"""[LATIDO]\r
PULSO=7\r
CONTRATO=1\r
VERSION=0.1.0\r
AMBIENTE=PRUEBA\r
MODO=LOCAL\r
DESDE=2026-11-21T15:04:05-03:00\r
COLA_ENVIO=0\r
COLA_IMPRESION=2\r
IMPRESORA=lista\r
RETENIDOS=0\r
TERMINAL=\r
DUDOSOS=0\r
NOVEDADES=1\r
QUEDAN.101=998\r
QUEDAN.111=5\r
CERTIFICADO_DIAS=29\r
ALARMA.1=Falta el valor de la UI para el ano 2027.\r
HORA=2026-11-21T15:04:05-03:00\r
"""


def test_a_heartbeat_is_plain_ascii_with_every_field_of_the_contract() -> None:
    assert render(LATIDO) == EXPECTED


def test_each_till_has_its_own_heartbeat(layout: Layout) -> None:
    for _ in range(2):
        beat(layout, "", LATIDO)
        beat(layout, "CAJA1", LATIDO)
    assert Path(layout.salida, "CAJA1", "LATIDO.TXT").read_bytes() == EXPECTED
    assert sorted(path.name for path in Path(layout.salida).iterdir()) == [".latido", "CAJA1", "LATIDO.TXT"]
