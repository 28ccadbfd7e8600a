"""A cloud that has DGI's schemas: what they refuse is refused before it takes a number."""

import os
from pathlib import Path

import pytest
from clouds import draft

from sincronizador.core.receipt import Said
from sincronizador.countries.uy.schema import Schemas
from sincronizador.errors import NeedsOperator
from sincronizador.nube.assembly import create_cloud, open_cloud
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.configuration import load
from sincronizador.nube.vault import new_vault_key


@pytest.fixture(scope="session")
def files():
    """DGI's schemas, which are not part of the project."""
    given = os.environ.get("SINCRONIZADOR_REFERENCIA")
    folder = Path(given) if given else Path(__file__).parents[3] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("DGI's schemas are absent: set SINCRONIZADOR_REFERENCIA to the folder that holds uruguay/")
    return {path.name: path.read_bytes() for path in (folder / "uruguay" / "xsd" / "1.44.2").glob("*.xsd")}


def equip(place, schemas):
    """The same base under a cloud that has schemas."""
    place.cloud = Cloud(place.cloud._store, place.vault, place.clock, schemas)


def test_a_draft_that_passes_is_numbered(till, place, files):
    equip(place, Schemas(files))
    assert till.submit("V1").reply.said is Said.STORED


def test_a_draft_that_the_schema_refuses_takes_no_number(till, place, files):
    narrow = files["CFEType.xsd"].replace(b'<xs:element name="FmaPago"', b'<xs:element name="FmaPago" fixed="2"')
    equip(place, Schemas({**files, "CFEType.xsd": narrow}))
    refused = till.submit("V1")
    assert refused.reply.said is Said.INVALID
    assert [(remark.rule, remark.field) for remark in refused.reply.remarks] == [("E1410", "FORMA_PAGO")]
    assert place.fates() == {"free": 10_000}
    equip(place, Schemas(files))
    assert till.submit("V1", draft("V1"), counter=2).reply.said is Said.STORED


def test_a_folder_without_schemas_stops_the_server_from_starting(tmp_path):
    (tmp_path / "clave").write_bytes(new_vault_key())
    (tmp_path / "clave").chmod(0o600)
    (tmp_path / "nube.toml").write_text('ambiente = "prueba"\nclave = "./clave"\n[esquemas]\ncarpeta = "."\n')
    found = load(str(tmp_path / "nube.toml"))
    for begin in (open_cloud, create_cloud):
        with pytest.raises(NeedsOperator) as caught:
            begin(found)
        assert caught.value.code == "E9308"
    assert not (tmp_path / "nube.db").exists()
