"""Every kind of document that the program signs, carried to DGI by hand: nothing but what really is wrong is told."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from issuer_by_hand import Issuer
from walking import NOON as SHOP_NOON

from sincronizador.authorities.fake_reading import read_documento
from sincronizador.cli.installation import RUT as SHOP
from sincronizador.signing.certificate import load_pkcs12
from sincronizador.signing.trust import to_pem

GOLDENS = Path(__file__).parents[1] / "goldens" / "uy"


@pytest.fixture
def shop(machine, line, clock, prepared):
    """The installation of the goldens as an issuer that DGI knows, with its CAEs."""
    clock.now = SHOP_NOON + timedelta(hours=1)
    config = machine.settings.certificado
    identity = load_pkcs12(Path(config.archivo).read_bytes(), config.clave.read())
    line.told("confianza", to_pem(identity.chain[0]))
    for path in sorted((prepared / "cae").iterdir()):
        line.told("cae", path.read_bytes())
    return Issuer(line, identity, None, rut=SHOP, now=clock.now)


def test_dgi_accepts_every_document_of_the_goldens(machine, shop):
    dropped = [path for path in sorted(GOLDENS.iterdir()) if re.fullmatch(r"\d{4}-[^.]*\.(txt|xml)", path.name)]
    for path in dropped:
        machine.drop(path.name, path.read_bytes())
        machine.work()
    written = (machine.folder / "spool" / "salida" / f"{path.stem}.xml" for path in dropped)
    signed = [path.read_bytes() for path in written if path.exists()]
    papers = [one for one in map(read_documento, signed) if one.is_papel]
    assert len(signed) > 30
    assert papers
    for one in papers:
        constancia = {"id": one.constancia.id, "desde": one.constancia.desde, "hasta": one.constancia.hasta}
        booklet = {"rut": SHOP, "tipo": one.tipo, "serie": one.serie, "vence": one.constancia.vence, **constancia}
        shop.line.told("constancias", booklet)
    got = shop.judged(*signed)
    told = zip(got.find("TipoCFE"), got.find("NroCFE"), got.estado, strict=True)
    assert [one for one in told if one[2] != "AE"] == [], got.data.decode()
