"""
The seven promises, judged from outside when a history is over.

Where its only copy went with a disk that the history itself destroyed, or a machine that was replaced could not be
asked, nothing is promised: such numbers and files are counted, and everything else about them still holds.
"""

import hashlib
import re
from collections import Counter, defaultdict
from functools import cached_property

from sincronizador.journal.post import Phase

_LATE = "SELECT doc_type || '-' || series || '-' || number FROM document WHERE late"
"""Numbers of machines that were replaced, which could not be asked when their sales were decided."""
_TWICE_FATED = (
    "SELECT d.doc_type || '-' || d.series || '-' || d.number FROM document d JOIN cae c ON c.rut = d.rut"
    " AND c.doc_type = d.doc_type AND c.series = d.series AND d.number BETWEEN c.first AND c.last"
    " JOIN annulled a ON a.cae = c.id AND d.number BETWEEN a.first AND a.last WHERE d.state <> 'voided'"
)
_LEASED_TWICE = (
    "SELECT one.id, other.id FROM lease one JOIN lease other ON one.cae = other.cae AND one.id < other.id"
    " AND one.first <= other.last AND other.first <= one.last"
)
_ANNULLED_TWICE = (
    "SELECT c.series, one.first FROM annulled one JOIN annulled other ON one.cae = other.cae AND one.id < other.id"
    " AND one.first <= other.last AND other.first <= one.last JOIN cae c ON c.id = one.cae"
)
_AFTER_ITS_END = (
    "SELECT d.doc_type || '-' || d.series || '-' || d.number, d.day, c.expires FROM document d JOIN cae c"
    " ON c.rut = d.rut AND c.doc_type = d.doc_type AND c.series = d.series AND d.number BETWEEN c.first AND c.last"
    " WHERE d.state <> 'voided' AND d.day > c.expires"
)
_ATTEMPT = re.compile(rb'"attempt":\s*{[^}]*}')
_ASKED_BY = "SELECT CAST(name AS TEXT), estado FROM job WHERE decided = 0"
_AS_THE_CLOUD = (
    "SELECT d.doc_type || '-' || d.series || '-' || d.number, d.sha256, d.state, d.extra, d.late FROM document d"
    " JOIN installation i ON i.id = d.installation WHERE d.state <> 'voided' AND i.code = ?"
)


class Promises:
    """Part of a `History`."""

    @cached_property
    def fates(self):
        """Every number of every CAE, once all is over."""
        return self.town.fates()

    @cached_property
    def documents(self):
        return self.town.documents()

    def broken(self):
        """A phrase for each promise that was not kept, which begins with its name."""
        self._live = {slug: sale for sale, slug, _, _, _ in self.documents}
        self._excused = self.lost | {slug for (slug,) in self.town.query(_LATE)}
        for name in ("p1", "p2", "p3", "p4", "p5", "p6", "p7"):
            for phrase in getattr(self, f"_{name}")():
                yield f"{name.upper()} {phrase}"
        self._count_judgement()

    # --- what happened, as anybody could see it ---

    def _facts(self):
        """(sale, slug) of every paper and every OK."""
        facts = {(sale, slug) for sale, slug, _, _ in self.town.papers}
        return facts | {(sale, slug) for sale, slugs in self.town.oks.items() for slug in slugs}

    def _numbers(self):
        """Sale -> numbers, number -> sales: of papers, answers and the cloud."""
        numbers, owners = defaultdict(set), defaultdict(set)
        for sale, slug in self._facts() | {(sale, slug) for slug, sale in self._live.items()}:
            numbers[sale].add(slug)
            owners[slug].add(sale)
        return numbers, owners

    # --- one by one ---

    def _p1(self):
        """Every whole file gets exactly one decision."""
        for (machine, file), drop in self.town.dropped.items():
            if (machine, file) in self.forgotten or self._was_replaced(machine):
                continue
            first, answer = self.town.firsts.get((machine, file), ("", {}))
            if first not in ("OK", "ERROR") and not self._was_read(machine, file):
                said = f"{first or 'nothing'} {answer.get('ESTADO', '')}"
                yield f"{file} at {machine} ({drop.kind} {drop.sale[1]}) ends as {said}"
        for sale, slug, state, _, price in self.documents:
            if (sale, price) in self._refused() and slug not in self._excused and state != "prepared":
                yield f"{sale} with {price} was answered ERROR, and is {slug}"

    def _was_replaced(self, machine):
        """It answers nothing any more, and its heartbeat says so: see P7."""
        return machine not in {till.name for till in self.current.values()}

    def _was_read(self, machine, file):
        """Its reader took the answer away before it was decided: the journal knows."""
        till = next(till for till in self.town.tills if till.name == machine)
        rows = till.rows("SELECT decided FROM job WHERE name = ?", f"{file}.TXT".encode())
        return "reader" in self.families and bool(rows) and all(decided for (decided,) in rows)

    def _refused(self):
        return {what for what in self.town.errors - self.forgot if len(self._dropped_at(what)) == 1}

    def _dropped_at(self, what):
        """The machines where a sale was dropped: each of them answers for itself."""
        return {machine for (machine, _), drop in self.town.dropped.items() if (drop.sale, drop.price) == what}

    def _p2(self):
        """A sale gets at most one fiscal document."""
        for sale, slugs in self._numbers()[0].items():
            if len(slugs) > 1 and not slugs & self._excused:
                yield f"{sale} has {sorted(slugs)}"
        for till in self.town.tills:
            yield from _other_bytes(till)

    def _p3(self):
        """A number is never used twice, and every number is accounted for."""
        for slug, sales in self._numbers()[1].items():
            if len(sales) > 1:
                yield f"{slug} is of {sorted(sales)}"
        for cae in self.fates:
            if sum(cae.totals.values()) != cae.last - cae.first + 1:
                yield f"the fates of {cae.cae} are no partition"
        for what, sql in (("is a document and annulled", _TWICE_FATED), ("is leased twice", _LEASED_TWICE)):
            yield from (f"{row} {what}" for row in self.town.query(sql))
        yield from (f"{row} is annulled twice" for row in self.town.query(_ANNULLED_TWICE))
        yield from (f"{slug} is of {day}, its CAE ended {end}" for slug, day, end in self.town.query(_AFTER_ITS_END))
        yield from self.reports.broken()

    def _p4(self):
        """What was answered is never taken back."""
        for file, slug in self.town.taken_back:
            if slug not in self.lost:
                yield f"the answer of {file}, {slug}, was taken back"

    def _p5(self):
        """At most one unmarked original by itself; a doubtful one is told."""
        originals = Counter((sale, slug) for sale, slug, marked, _ in self.town.papers if not marked)
        for (sale, slug), many in originals.items():
            if many > 1:
                yield f"{slug} of {sale} has {many} unmarked originals"
        for till in self.current.values():
            yield from self._untold(till)

    def _untold(self, till):
        """Pages of which nobody knows whether they left: no answer says so, nor did one come out that says COPIA."""
        if any(name[0] == till.name for name in self.forgotten):
            return
        states = dict(till.rows(
            "SELECT d.tipo || '-' || d.serie || '-' || d.numero, j.impresion FROM document d JOIN job j ON j.id = d.job"
        ))  # fmt: skip
        papers = dict(till.rows(
            "SELECT d.tipo || '-' || d.serie || '-' || d.numero, group_concat(coalesce(p.outcome, '-')) FROM document d"
            " JOIN paper p ON p.document = d.job GROUP BY 1"
        ))  # fmt: skip
        marked = {slug for _, slug, marked, name in self.town.papers if marked and name == till.name}
        for slug in set(till.printer.unsure) - marked:
            if "DUDOSO" not in f"{states.get(slug)} {papers.get(slug)}" and "-copia-" not in slug:
                yield f"nobody knows whether {slug} was printed, and it is told as {states.get(slug)}"

    def _p6(self):
        """What the cloud acknowledged it has; after all is over both sides agree."""
        for sale, slug in sorted(self._facts()):
            if slug not in self.lost and self._live.get(slug) != sale:
                yield f"{slug} of {sale} is on paper or answered OK, and the cloud has it as {self._live.get(slug)}"
        for sale, slug, state, _, _ in self.documents:
            if state == "prepared":
                yield f"{slug} of {sale} stays prepared"
        if "mirror" in self.families and "cloudback" not in self.families:
            # One whose hand-over was on its way was no copy of anybody's, and arrived: it may well be given out.
            kept = ({slug for _, slug in self._facts()} & self.lost_beside_a_mirror) - set(self._live)
            yield from (f"{slug} was given out before its copy was in the mirror" for slug in sorted(kept))
        for code, till in self.current.items():
            yield from self._parted(code, till)

    def _parted(self, code, till):
        """What one side has and the other has not, or has otherwise."""
        if not till.is_on:
            return
        there = {slug: (sha, extra, late) for slug, sha, _, extra, late in self.town.query(_AS_THE_CLOUD, code)}
        here = dict(till.rows(
            "SELECT tipo || '-' || serie || '-' || numero, signed FROM document WHERE superseded_by IS NULL"
        ))  # fmt: skip
        for slug, signed in here.items():
            if slug not in there:
                yield f"{till.name} has {slug}, and the cloud has not"
            elif there[slug][0] != hashlib.sha256(signed).hexdigest():
                yield f"{slug} has other bytes at {till.name} than in the cloud"
        # Two machines that each sold it: this one keeps its own document, and tells of the other.
        told = " ".join(detail for (detail,) in till.rows("SELECT detail FROM event WHERE name = 'foreign'"))
        for slug, (_, extra, late) in there.items():
            if slug not in here and not extra and not late and f"además {slug};" not in told:
                yield f"the cloud has {slug}, and {till.name} has not"

    def _p7(self):
        """It starts by itself after anything, comes to rest, and says what it found."""
        yield from (f"a bug was swallowed: {bug}" for bug in self.bugs.found)
        for till in self.town.tills:
            yield from self._standing(till)

    def _standing(self, till):
        current = till is self.current[till.code]
        if not till.is_on:
            yield f"{till.name} does not start: {till.refusal}"
            return
        beat = till.heartbeat()
        alarms = [value for name, value in beat.items() if name.startswith("ALARMA")]
        if till.phase is Phase.FENCED and not (beat["MODO"] == "DETENIDO" and alarms):
            yield f"{till.name} is fenced, and its heartbeat says {beat['MODO']} {alarms}"
        if current and till.phase is not Phase.READY:
            yield f"{till.name} is in {till.phase}"
        if current and till.troubles:
            yield f"{till.name} cannot {till.troubles}"
        if current:
            for name, estado in till.rows(_ASKED_BY):
                yield f"{name} is {estado} at {till.name}, though everything is reachable"
            for (name,) in till.rows("SELECT CAST(name AS TEXT) FROM job WHERE revision > written"):
                yield f"the answer of {name} at {till.name} is behind its journal"

    # --- what was excused ---

    def _count_judgement(self):
        states = Counter(state for _, _, state, _, _ in self.documents)
        self.counts["documentos"] += sum(states.values())
        self.counts["números anulados"] += sum(
            cae.totals[fate] for cae in self.fates for fate in cae.totals if fate.value == "annulled"
        )
        self.counts["papeles en duda"] += sum(len(till.printer.unsure) for till in self.town.tills)
        self.counts["días informados"] += self.reports.closed
        self.counts["sin promesa: números perdidos con su única copia"] += len(self.lost)
        self.counts["sin promesa: números de máquinas reemplazadas"] += len(self._excused - self.lost)
        self.counts["sin promesa: archivos de un diario que los olvidó"] += len(self.forgotten)
        self.counts["sin promesa: archivos en una máquina reemplazada"] += sum(
            self._was_replaced(machine) for machine, _ in self.town.dropped
        )


def _other_bytes(till):
    """One attempt has one body, however often it is sent."""
    bodies = {}
    for verb, key, body in till.line.sent:
        if verb == "submit":
            attempt = _ATTEMPT.search(body)[0]
            if bodies.setdefault((key, attempt), body) != body:
                yield f"{till.name} sent {key} with {attempt.decode()} and other bytes"
