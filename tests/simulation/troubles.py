"""What goes wrong once in a while: disks, backups, other machines, restored clouds, clocks, midnights."""

from datetime import datetime, time, timedelta

from beneath import ANY

MIDNIGHT = time(23, 59, 40)
"""Nearly."""
_MOST_MACHINES = 4
_WRONG = (0, 0, 0, -40, 40, -200, 200, -400, 400, -90_000, 90_000, 90_000, 2 * 86_400)
_PAST_THE_END = (0, 0, 2 * 86_400)
"""Seconds by which a clock is wrong; the last ones lie behind the end of the CAE that is scarce."""


class Troubles:
    """Part of a `History`."""

    def trouble(self, till):
        """One of them, if the family has it."""
        current, what = self.current[till.code], self.chance.random()
        if what < 0.12:
            self.copies[till.code] = current.backup(f"copia-{next(self.town.drops)}.db")
        elif what < 0.2 and self.town.cloud is not None:
            self.base = self.town.backup(f"copia-{next(self.town.drops)}")
        else:
            named = [name for name in self._kinds() if name in self.families]
            if named:
                self._kinds()[self.chance.choice(named)](current)

    def _kinds(self):
        return {
            "restore": self._restore,
            "clone": self._clone,
            "cloudback": self._restore_cloud,
            "disk": self._disk,
            "days": self._days,
            "clock": self._clock,
            "mirror": self._mirror,
        }

    # --- machines ---

    def _restore(self, till):
        """The journal is an older copy, which the mark beside it tells, or a person orders to take over."""
        if not till.is_on or self.chance.random() < (0.1 if "mirror" in self.families else 0.5):
            return
        ordered = self.chance.random() < 0.5
        self.say("RESTAURA", till.name, "con orden" if ordered else "en silencio")
        self.counts["diarios restaurados"] += 1
        self.town.note(till)
        mine = till.slugs()
        # Nobody restores within a second of the last sale.
        self._pass_time(timedelta(seconds=1))
        till.switch_off()
        till.put_back(self.copies[till.code])
        till.switch_on(take=ordered)
        gone = self._lose(mine)
        if till.mirror is not None:
            self.lost_beside_a_mirror |= gone
        self.forgot |= self.town.errors
        self.forgotten |= {name for name in self.town.dropped if name[0] == till.name}
        self.town.forget_answers(till)
        self.town.note(till)

    def _clone(self, till):
        """Another machine takes over with a copy of the journal; the old one runs on."""
        if len(self.town.tills) >= _MOST_MACHINES or self.chance.random() < 0.5:
            return
        if "flip" in self.families and self.chance.random() < 0.4:
            till.line.cut()
        name = f"{till.code}-{len(self.town.tills)}"
        self.say("CLON", till.name, name)
        self.counts["máquinas clonadas"] += 1
        new = self.town.shop(till.code, name, journal=self.copies[till.code])
        new.mirror = till.mirror
        new.line.choose = self._fault
        if new.is_on:
            raise AssertionError("a journal of another machine was taken for one's own")
        new.switch_on(take=True)
        self.current[till.code] = new
        self.forgot |= self.town.errors
        self.forgotten |= {dropped for dropped in self.town.dropped if dropped[0] == till.name}

    def _restore_cloud(self, _):
        if self.chance.random() < 0.5:
            return
        said = self.chance.random() < 0.5
        self.say("NUBE RESTAURADA", "por una persona" if said else "sola")
        self.counts["nubes restauradas"] += 1
        before = self.known()
        self.town.restore(self.base, said=said)
        self._lose(before)
        self.forgot |= self.town.errors
        self.reports.forget()

    def _lose(self, before):
        prepared = {slug for _, slug, state, _, _ in self.town.documents() if state == "prepared"}
        gone = before - self.known()
        self.lost |= gone
        self.forgotten_halfway |= (before & prepared) - self.known_here()
        if gone:
            self.say("  perdidos para siempre:", sorted(gone))
        return gone

    def known(self):
        """Numbers whose bytes some store holds."""
        return self.known_here() | {slug for _, slug, _, _, _ in self.town.documents()}

    def known_here(self):
        """Those that a machine or its mirror holds."""
        there = set()
        for till in self.town.tills:
            there |= till.slugs()
            if till.mirror is not None:
                there |= {name.removesuffix(".json") for name, _ in till.mirror.read_all()}
        return there

    # --- the disk ---

    def _disk(self, till):
        """Full for some writes, a folder that cannot be written, a journal or a base that cannot grow."""
        what, disk = self.chance.choice(("full", "closed", "journal", "base", "room", "room")), self.town.disk
        self.say("DISCO", what)
        if what == "full":
            disk.full = self.chance.randint(1, 6)
        elif what == "closed":
            disk.closed = self.chance.choice(("salida", "procesados", "entrada", "procesando", "novedades", "espejo"))
        elif what == "journal" and till.is_on:
            self.counts["diario sin lugar"] += 1
            till.rows(f"PRAGMA max_page_count = {till.rows('PRAGMA page_count')[0][0]}")
        elif what == "base" and self.town.cloud is not None:
            self.counts["nube sin lugar"] += 1
            self.town.fill_cloud()
        else:
            self._room()

    def _mirror(self, _):
        """The other disk is away, or there again."""
        disk = self.town.disk
        disk.closed = "" if disk.closed == "espejo" else "espejo"
        self.say("ESPEJO", "falta" if disk.closed else "vuelve")

    def _room(self):
        self.town.disk.heal()
        self.town.full_pages = 0
        for till in self.town.tills:
            if till.is_on:
                till.rows(f"PRAGMA max_page_count = {ANY}")

    # --- time ---

    def _days(self, _):
        """The last seconds of a day, the next noon, or some days later."""
        now = self.town.clock.time
        midnight = datetime.combine(now.date(), MIDNIGHT, now.tzinfo)
        later = self.chance.choice((timedelta(), timedelta(hours=12), timedelta(days=2)))
        if midnight + later > now:
            self.say("PASA EL TIEMPO")
            self.counts["días que pasaron"] += later.days + 1
            self._pass_time(midnight + later - now)

    def _clock(self, till):
        """This machine's clock is wrong, or right again."""
        wrong = self.chance.choice(_PAST_THE_END if self.family == "reservas" else _WRONG)
        till.clock.wrong = timedelta(seconds=wrong)
        self.say("RELOJ", till.name, wrong)
        self.counts["relojes corridos"] += wrong != 0
        if self.chance.random() < 0.3:
            till.switch_on()

    # --- the end ---

    def heal(self):
        """Everything works again; who runs is started again where it did not start."""
        self._room()
        for till in self.town.tills:
            till.line.heal()
            till.line.choose = lambda verb: None
            till.printer._faults.clear()
            till.clock.wrong = timedelta()
            if not till.is_on:
                till.switch_on()
            if till.is_on and "clock" in self.families:
                till.order("reintentar", reloj="si")
            if till.is_on and till.house.line.link.forced:
                till.order("contingencia", que="terminar", motivo="prueba")
