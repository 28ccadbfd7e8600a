"""What tests of sweeps share: a clerk over a cloud and an authority, sales, time that goes by."""

from datetime import time

from clouds import draft
from desk import DGI
from sqlalchemy import select

from sincronizador.nube import sweeps
from sincronizador.nube.clerk import Clerk

BIG = "60000.00"
"""Above 5,000 UI: one by one."""
BUYER = (
    "<Receptor><TipoDocRecep>3</TipoDocRecep><CodPaisRecep>UY</CodPaisRecep><DocRecep>12345672</DocRecep>"
    "<RznSocRecep>Ana Pérez</RznSocRecep><DirRecep>Colonia 1</DirRecep><CiudadRecep>Montevideo</CiudadRecep></Receptor>"
).encode()


def sell(till, key, price=BIG, replace=None, **how):
    """A sale to somebody known, confirmed; the receipt."""
    content = draft(key, price=price, **how).replace(b"</Emisor>", b"</Emisor>" + BUYER)
    for old, new in (replace or {}).items():
        content = content.replace(old.encode(), new.encode())
    tipo = how.get("tipo", 101)
    receipt = till.submit(key, content, tipo=tipo).reply.receipt
    return till.confirm(key, receipt).reply.receipt


def to_company(till, key, rut, **how):
    """A sale to a company, an e-Factura, confirmed; the receipt."""
    buyer = BUYER.replace(b">3<", b">2<").replace(b"12345672", rut.encode())
    content = draft(key, price=how.pop("price", "100.00"), tipo=111).replace(b"</Emisor>", b"</Emisor>" + buyer)
    receipt = till.submit(key, content.replace(b"eTck>", b"eFact>"), tipo=111, **how).reply.receipt
    return till.confirm(key, receipt).reply.receipt


def state(till, key):
    return till.cloud.find(till.me, key).receipt.state.value


def turn(clerk, till, **later):
    """A sweep, some time later."""
    till.place.clock.go(**(later or {"minutes": 40}))
    return sweeps.attend(clerk, till.rut)


def rows(clerk, table):
    with clerk.store.reading() as db:
        return db.execute(select(table).order_by(*table.primary_key.columns)).all()


def clerk_of(place, desk, post=None):
    """What sweeps of this cloud work with."""
    cloud = place.cloud
    return Clerk(
        store=cloud._store,
        pens=cloud._pens,
        clock=place.clock,
        authority=desk.line,
        receptor=DGI,
        report_at=time(1, 0),
        is_vouched=lambda: True,
        post=post,
    )
