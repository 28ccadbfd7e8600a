"""The day's backup of a running service: brought to S3, looked at, restored from there; and told when it fails."""

import json
from datetime import timedelta

import pytest
from outside.installation import txt, wait_for
from s3_server import BUCKET, KEY, USER, s3_server

from sincronizador.storage import S3

SALE = txt("DOCUMENTO", TIPO=101, FORMA_PAGO="CONTADO", REFERENCIA="V1").replace(
    b"[FIN]", b"[ITEM]\r\nDETALLE=Pan\r\nPRECIO=89\r\nIVA=MINIMA\r\n[FIN]"
)
SOON = 60.0
"""A service at work for 20 seconds begins what was missed."""


@pytest.fixture
def shop(installation):
    (installation.folder / "s3.txt").write_text(KEY + "\n")
    (installation.folder / "s3.txt").chmod(0o600)
    with s3_server() as (shelf, address):
        installation.configure(
            "respaldo", automatico='"03:00"', destino=f'"{S3}{BUCKET}/tienda"', s3_servidor=f'"{address}"',
            s3_usuario=f'"{USER}"', s3_clave='"./s3.txt"',
        )  # fmt: skip
        yield installation, shelf


def done(shop, *words, code=0):
    found = shop.run(*words, patience=60)
    assert found.returncode == code, found.stdout + found.stderr
    return found.stdout + found.stderr


def test_a_backup_that_was_missed_is_made_soon_and_brings_everything_back_from_s3(shop, today):
    shop, shelf = shop
    old = f"tienda/respaldo-219999830019-PRUEBA-{today - timedelta(days=400):%Y%m%d}-030000.zip"
    shelf.objects |= {old: b"old", **{old.replace("030000", f"04000{n}"): b"old" for n in range(4)}}
    shelf.objects["tienda/otra-cosa.txt"] = b"of somebody else"
    shop.start()
    answer = shop.ask("V1.txt", SALE)
    wait_for("the backup", lambda: "event=backup_made" in shop.log.read_text("utf-8") or None, SOON)
    listed = json.loads(done(shop, "respaldo", "listar", "--json"))
    newest = listed[-1]["archivo"]
    assert len(listed) == 3, "what is old goes, but not the newest three"
    assert "tienda/otra-cosa.txt" in shelf.objects
    assert "Está sano: 1 firma" in done(shop, "respaldo", "verificar", newest)
    assert not [path.name for path in shop.folder.iterdir() if path.name.endswith((".respaldo", ".d"))]
    shop.kill()
    for path in shop.folder.glob("diario.db*"):
        if path.is_file() and path.suffix != ".candado":
            path.unlink()
    assert "1 comprobante" in done(shop, "respaldo", "restaurar", newest)
    assert f"101-A-{answer['NUMERO']}" in done(shop, "estado", "V1")


def test_one_that_cannot_be_made_is_an_alarm(shop):
    shop, _ = shop
    shop.configure("respaldo", s3_usuario='"otro"')
    shop.configure("avisos", calma="1")
    shop.start()
    wait_for("the alarm", lambda: "event=alarm key=respaldo " in shop.log.read_text("utf-8") or None, SOON)
    said = done(shop, "estado")
    assert "El respaldo automático falló: No se puede trabajar con s3://" in said
    assert "contestó 403" in said
