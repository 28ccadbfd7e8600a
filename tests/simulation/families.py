"""Which troubles a history has, by name."""

LINE = frozenset({"loss", "delay", "crash", "flip"})
FAMILIES = {
    "linea": LINE,
    "personas": LINE | {"people", "refuse", "printer", "reader"},
    "dos": LINE | {"two", "people", "notes"},
    "diario": LINE | {"restore", "people"},
    "espejo": LINE | {"restore", "mirror", "printer"},
    "otra_maquina": LINE | {"clone", "people"},
    "nube": LINE | {"cloudback", "people"},
    "dias": LINE | {"days", "clock", "scarce", "people"},
    "disco": LINE | {"disk", "reader", "printer"},
    "papeles": LINE | {"notes", "lotes", "papers", "people"},
    "todo": LINE
    | {"people", "refuse", "printer", "reader", "two", "restore", "clone", "cloudback", "days", "clock"}
    | {"scarce", "disk", "notes", "lotes", "papers", "mirror"},
}  # fmt: skip
"""Histories with a cloud of ours; `local` and `sin_cercas` have another kind of world."""


def family_of(seed):
    """The family of a seed whose family nobody names."""
    names = list(FAMILIES)
    return names[seed % len(names)]
