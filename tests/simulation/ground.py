"""What histories begin with, made once in a process: keys, CAEs, a cloud, machines that joined it."""

import shutil
import sqlite3
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from beneath import HeldKeys, OneEngine, trust_the_folders
from town import Town
from walking import NOON, Clock
from world import KEY, RUT, TYPES, UI

from sincronizador.cli.installation import prepare_journal, write_installation
from sincronizador.core.numbering import Rango
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.store import create_store
from sincronizador.nube.vault import Vault
from sincronizador.settings import Settings, load
from sincronizador.signing.identity import Validity, make_authority, sign_cae

CODES = ("PRUEBA", "CAJA2")
SCARCE = 7
"""Numbers of the CAE that ends at the first midnight."""


@dataclass(frozen=True)
class Template:
    """The files of a world that did nothing yet but join."""

    folder: Path
    tokens: dict

    @property
    def nube(self):
        return self.folder / "nube"

    def journal(self, code):
        return self.folder / code / "diario.db"


class Ground:
    """Below it lie the templates and, one after another, the worlds."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.engine = OneEngine()
        self._keys = HeldKeys()
        self.home = self.folder / "instalacion"
        prepare_journal(write_installation(str(self.home), "", NOON))
        self.settings: Settings = load(str(self.home / "sincronizador.toml"))
        self._bare()
        self._made = {}

    def put(self, patch):
        """Beneath the product, for as long as `patch` lasts: other tests of this process come after it."""
        self.engine.put(patch)
        self._keys.put(patch)
        trust_the_folders(patch)

    def _bare(self):
        """A journal that never numbered alone, and one that does."""
        shutil.copy(self.home / "diario.db", self.folder / "local.db")
        db = sqlite3.connect(self.home / "diario.db")
        db.execute("DELETE FROM rango")
        db.commit()
        db.execute("VACUUM")
        db.close()

    @property
    def bare_journal(self):
        return self.home / "diario.db"

    @property
    def local_journal(self):
        return self.folder / "local.db"

    def template(self, *, scarce, codes):
        """A world in which these installations joined; scarce: its first CAE has few numbers, and ends at midnight."""
        if (scarce, codes) not in self._made:
            name = f"{'scarce' if scarce else 'plenty'}-{len(codes)}"
            self._made[scarce, codes] = self._template(name, scarce=scarce, codes=codes)
        return self._made[scarce, codes]

    def _template(self, name, *, scarce, codes):
        folder = self.folder / name
        (folder / "nube").mkdir(parents=True)
        tokens = self._found(folder, scarce=scarce, codes=codes)
        patch = pytest.MonkeyPatch()
        town = Town(self, Template(folder, tokens), self.folder / f"{name}-w", patch)
        for code in codes:
            shop = town.shop(code, f"{code}-0", journal=self.bare_journal)
            shop.probe()
            shop.keep_mark()
            shop.rest()
            shop.switch_off()
            (folder / code).mkdir()
            for end in ("", ".marca"):
                shutil.copy(f"{shop.settings.diario}{end}", folder / code / f"diario.db{end}")
        town.close()
        for file in ("nube.db", "marca"):
            shutil.copy(town.folder / "nube" / file, folder / "nube" / file)
        shutil.rmtree(town.folder)
        patch.undo()
        return Template(folder, tokens)

    def _found(self, folder, *, scarce, codes):
        """The cloud's base; gives the tokens of its installations."""
        clock = Clock()
        url, mark = f"sqlite:///{folder}/nube/nube.db", str(folder / "nube" / "marca")
        cloud = Cloud(create_store(url, mark, environment="prueba", clock=clock.now), Vault(KEY), clock.now)
        emisor = tomllib.loads((self.home / "sincronizador.toml").read_text("utf-8"))["emisor"]
        cloud.keep_issuer("prueba", emisor, {"ui": UI})
        identity, password = (self.home / "certificado" / name for name in ("emisor.p12", "clave.txt"))
        cloud.install_certificate("prueba", RUT, identity.read_bytes(), password.read_bytes().strip())
        for tipo in TYPES:
            cloud.import_cae("prueba", RUT, (self.home / "cae" / f"cae-{tipo}.xml").read_bytes())
        if scarce:
            authority = make_authority(Validity(desde=NOON - timedelta(days=30), hasta=NOON + timedelta(days=700)))
            for tipo in TYPES:
                ends = NOON.date() + timedelta(days=1)
                given = Rango(id=f"9126{tipo}0001", tipo=tipo, serie="Q", desde=1, hasta=SCARCE, vence=ends)
                cloud.import_cae("prueba", RUT, sign_cae(authority, given, rut=RUT, autorizado=NOON.date()))
        tokens = {code: cloud.add_installation("prueba", RUT, code)[1] for code in codes}
        cloud.close()
        return tokens
