"""What people do: they withdraw, discard, try again, open contingencia, take answers away, and in the end decide."""

from sales import Drop, text_of
from world import RUT

from sincronizador.core.receipt import cloud_key
from sincronizador.errors import NeedsOperator
from sincronizador.journal.post import Phase

_ORDERS = (
    "retirar",
    "retirar",
    "retirar",
    "descartar",
    "descartar",
    "reintentar",
    "reimprimir",
    "forzar",
    "terminar",
    "leer",
)


class People:
    """Part of a `History`."""

    def person(self, till):
        """One of the things that people do, at any moment."""
        known = [referencia for code, referencia in self.sales if code == till.code]
        if not known or not till.is_on or (till is not self.current[till.code] and self.chance.random() < 0.7):
            return
        what = self.chance.choice(_ORDERS)
        # Mostly about what was just dropped.
        referencia = known[-1] if self.chance.random() < 0.5 else self.chance.choice(known)
        if what == "leer":
            if "reader" in self.families:
                self._read_answers(till)
            return
        self.say(what.upper(), till.name, referencia)
        self.counts[f"orden: {what}"] += 1
        self._guarded(till, lambda: self._order(till, what, referencia))

    def _read_answers(self, till):
        self.say("LEE", till.name)
        self.counts["respuestas retiradas"] += 1
        till.remove_answers(self.chance)

    def _order(self, till, what, referencia):
        try:
            self._ask_for(till, what, referencia)
        except NeedsOperator as refusal:
            # No room for it: the command line says so.
            self.say("  ", till.name, refusal)

    def _ask_for(self, till, what, referencia):
        if what == "retirar":
            drop = Drop((till.code, cloud_key(referencia)), "", "retirar")
            self._put(till, drop, text_of("retirar", referencia, ""))
        elif what in ("forzar", "terminar"):
            self._told(till, till.order("contingencia", que=what, motivo="prueba"))
        else:
            self._told(till, till.order(what, que=referencia, motivo="prueba"))

    def _told(self, till, outcome):
        if outcome is not None:
            self.say("  ", till.name, outcome.sentence)

    # --- the end: whoever has to decides ---

    def help_on(self, turn):
        """What a person would do who reads what the machines and the cloud say."""
        absent = set(self.town.template.tokens) - set(self.current) if self.town.template else set()
        if turn == 2 and absent and not self.town.cloud.health(None).ok:
            self.say("DE BAJA", *absent)
            self.town.cloud.declare_dead("prueba", RUT, absent.pop(), "no se abre más")
        for till in self.current.values():
            if not till.is_on or till.phase in (Phase.FENCED, Phase.TAKEN):
                self.say("TOMAR", till.name)
                till.switch_on(take=True)
        for (code, referencia), (kind, price, more) in self.sales.items():
            till = self.current[code]
            if not self._waits(till, referencia):
                continue
            self._told(till, till.order("reintentar", que=referencia))
            if turn in (2, 4):
                drop = Drop((code, cloud_key(referencia)), f"{float(price):.2f}", kind)
                self._put(till, drop, text_of(kind, referencia, price, **more))
            if turn >= 5:
                self._discard(till, referencia)

    def _waits(self, till, referencia):
        return till.rows(
            "SELECT 1 FROM job WHERE decided = 0 AND (referencia = ? OR referencia LIKE ?)",
            referencia, f"{referencia}.%",
        )  # fmt: skip

    def _discard(self, till, referencia):
        """What an old file asked for is no more wanted, or nobody can say what becomes of it."""
        names = till.rows("SELECT name FROM job WHERE referencia = ? AND decided = 0 AND follows IS NULL", referencia)
        for (name,) in names:
            self.say("DESCARTA", till.name, name.decode())
            self._told(till, till.order("descartar", que=name.decode(), motivo="la venta es otra"))

    def annul_doubtful(self):
        """A person annuls what no machine claimed; what the program told as doubtful nobody promised."""
        for cae in self.fates:
            for stretch in cae.stretches:
                if stretch.fate.value == "doubtful":
                    numbers = range(stretch.first, stretch.last + 1)
                    self.counts["números dudosos"] += len(numbers)
                    told = {f"{cae.doc_type}-{cae.series}-{number}" for number in numbers}
                    self.lost |= self.forgotten_halfway & told
                    self.town.cloud.annul_doubtful("prueba", RUT, cae.doc_type, cae.series, numbers, "de nadie")
                    self.__dict__.pop("fates", None)
