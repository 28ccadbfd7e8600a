"""Mappings written as TOML, as a person writes them."""

import pytest

from sincronizador.core.sections import Vocabulary
from sincronizador.mappings import load_mapping

VOCABULARY = Vocabulary(
    fields={
        "DOCUMENTO": frozenset({"TIPO", "REFERENCIA", "FECHA", "MONEDA", "FORMA_PAGO", "DECIMAL"}),
        "RECEPTOR": frozenset({"DOCUMENTO", "NOMBRE", "DIRECCION"}),
        "ITEM": frozenset({"CODIGO", "DETALLE", "CANTIDAD", "PRECIO", "IVA"}),
        "RETENCION": frozenset({"CODIGO", "VALOR"}),
        "PAGO": frozenset({"MEDIO", "VALOR"}),
        "TOTALES": frozenset({"A_PAGAR"}),
        "LOTE": frozenset({"REFERENCIA", "CANTIDAD"}),
        "EXTRA": frozenset(),
    },
    free=frozenset({"ADENDA"}),
)


class Bench:
    """Where a mapping is tried."""

    def __init__(self, folder):
        self.folder = folder

    def load(self, toml):
        path = self.folder / "prueba.toml"
        path.write_text(toml, encoding="utf-8")
        return load_mapping(str(path), VOCABULARY, {}, largest=100_000)

    def trial(self, toml, content, name="V1.dat"):
        return self.load(toml).trial(content if isinstance(content, bytes) else content.encode(), name)

    def sections(self, toml, content, name="V1.dat"):
        """Name and fields of each section; nothing may be wrong."""
        trial = self.trial(toml, content, name)
        assert trial.reading.findings == ()
        return [
            (one.name, one.text or {entry.name: entry.text for entry in one.entries}) for one in trial.reading.sections
        ]

    def findings(self, toml, content):
        return [(one.code, one.line) for one in self.trial(toml, content).reading.findings]


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)
