"""Histories without a cloud of ours: a machine that signs alone, and a provider that compares no attempts."""

from datetime import timedelta

from history import History
from memory_cloud import make_cloud
from town import Town
from walking import NOON

from sincronizador.core.receipt import cloud_key
from sincronizador.journal.post import Phase
from sincronizador.providers.door import Capabilities
from sincronizador.providers.fake import Fault

_FAULTS = ((Fault.UNAVAILABLE, 0.08), (Fault.GARBAGE, 0.05), (Fault.LOST, 0.15))
_GIVEN = (
    "SELECT r.tipo || '-' || r.serie || '-' || (r.siguiente - 1) FROM rango r WHERE r.siguiente > r.primero AND"
    " r.siguiente - r.primero <> (SELECT count(*) FROM document d WHERE d.tipo = r.tipo AND d.serie = r.serie"
    " AND d.numero BETWEEN r.primero AND r.siguiente - 1)"
)
_MINE = (
    "SELECT job.key, d.tipo || '-' || d.serie || '-' || d.numero, d.signed FROM document d JOIN job ON job.id = d.job"
    " WHERE d.superseded_by IS NULL"
)


class Elsewhere(History):
    """One machine; what counts is in its journal, or at its provider."""

    def _make_town(self, ground, folder, patch):
        return Town(ground, None, folder, patch, with_=self.families)

    def _settle_in(self):
        journal = self._journal(self.town.ground)
        till = self.town.shop("PRUEBA", "PRUEBA-0", journal=journal, cloud=self._door())
        self.current["PRUEBA"] = till
        self.town.clock.time = NOON + timedelta(minutes=10)
        till.probe()

    def _door(self):
        return None

    def calm_down(self):
        """As where there is a cloud; but there are no numbers to decide about."""
        self.passed = self.town.boundaries.passed
        self.calm = True
        self.town.boundaries.fall_at = None
        self.heal()
        for turn in range(9):
            self._quiet_minute()
            if turn > 0 and not self._restless():
                break
            self.help_on(turn)
        self._quiet_minute()

    def broken(self):
        """A phrase for each promise that was not kept; the cloud's own are not asked for."""
        till = self.current["PRUEBA"]
        self._excused = set()
        self._live = {slug: sale for sale, slug in self._counted()}
        for name in ("p1", "p2", "p3", "p4", "p5", "p6", "p7"):
            for phrase in getattr(self, f"_{name}")():
                yield f"{name.upper()} {phrase}"
        self.counts["documentos"] += len(till.slugs())
        self.counts["papeles en duda"] += len(till.printer.unsure)

    def _p3(self):
        """A number is of one sale, and none was given without its document."""
        for slug, sales in self._numbers()[1].items():
            if len(sales) > 1:
                yield f"{slug} is of {sorted(sales)}"
        yield from (
            f"numbers up to {slug} were given without a document" for (slug,) in self.current["PRUEBA"].rows(_GIVEN)
        )

    def _p6(self):
        """What came out is where it counts."""
        for sale, slug in sorted(self._facts()):
            if self._live.get(slug) != sale:
                yield f"{slug} of {sale} is on paper or answered OK, and counts nowhere"


class Local(Elsewhere):
    """Route ``local``: it numbers and signs by itself."""

    def _journal(self, ground):
        return ground.local_journal

    def _counted(self):
        return [(("PRUEBA", cloud_key(key)), slug) for key, slug, _ in self.current["PRUEBA"].rows(_MINE)]

    @property
    def documents(self):
        return [(sale, slug, "local", False, "") for slug, sale in self._live.items()]

    def _restless(self):
        return bool(self.current["PRUEBA"].rows("SELECT 1 FROM job WHERE decided = 0 LIMIT 1"))


class WithoutFences(Elsewhere):
    """A provider that numbers at once, compares no attempt, and knows no epochs: rule 9."""

    def _journal(self, ground):
        return ground.bare_journal

    def _door(self):
        able = Capabilities(fences=False, idempotent=self.chance.random() < 0.5, leases=True)
        self.provider = make_cloud(self.town.ground.home, lambda: self.town.clock.time, able)
        self.provider._next_fault = self._fault_of_call
        return self.provider

    def broken(self):
        """What may have left to a provider whose submit counts twice waits for a person, for ever: rule 9."""
        for phrase in super().broken():
            if "ESPERANDO" in phrase and not self.provider.capabilities.idempotent:
                self.counts["sin promesa: espera a una persona (regla 9)"] += 1
            else:
                yield phrase

    def _fault_of_call(self, verb):
        if self.calm:
            return None
        for fault, odds in _FAULTS:
            if self.chance.random() < odds:
                self.counts[f"red: {fault.name}"] += 1
                self.say("  ", verb, fault.name)
                return fault
        return None

    def _counted(self):
        books = self.provider.books
        for one in (*books.documents.values(), *books.extra.values()):
            yield ("PRUEBA", one.key), f"{one.tipo}-{one.serie}-{one.numero}"

    @property
    def documents(self):
        return [(sale, slug, "confirmed", False, "") for slug, sale in self._live.items()]

    def _restless(self):
        till = self.current["PRUEBA"]
        return till.phase is not Phase.READY or bool(till.rows("SELECT 1 FROM job WHERE decided = 0 LIMIT 1"))


KINDS = {"local": Local, "sin_cercas": WithoutFences}
