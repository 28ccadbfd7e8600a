"""What an issuer swears to exists: every file, test, command and section; and nothing that must be kept is deleted."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "declaracion-dgi.md").read_text("utf-8")
FUNCTIONS = (
    "Custodia de CAE", "Numeración controlada", "Respaldo", "Publicación web de e-Tickets", "Envío a DGI",
    "Intercambio con los receptores", "Control de cierre", "Gestión de contingencia", "Impresión",
)  # fmt: skip
"""Of the sworn declaration, in its order."""
PASSING = {
    "sincronizador/journal/doubts.py": {"meta"},
    "sincronizador/journal/leases.py": {"lease_ask"},
    "sincronizador/journal/listings.py": {"listing"},
    # Of files that ended in nothing, and of what is about no file.
    "sincronizador/journal/trimming.py": {"alarm", "alarm_told", "content", "event", "orders"},
    "sincronizador/nube/dailies.py": {"day"},
    # Only what is voided, when another document comes with its number.
    "sincronizador/nube/documents.py": {"document"},
    "sincronizador/nube/runs.py": {"past_run"},
}
"""All that the program ever deletes of its journal and its base."""

_DELETES = re.compile(r"\bDELETE\s+FROM\s+(\w+)|(?<!\.)\bdelete\((\w+)\)|\b(\w+)\.delete\(\)", re.IGNORECASE)
_DROPS = re.compile(r"\bDROP\s+TABLE\s+(\w+)|drop_table\(\s*\"(\w+)\"", re.IGNORECASE)


def sections():
    parts = re.split(r"^## (.*)$", PAGE, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_function_of_the_declaration_has_its_section():
    assert tuple(sections())[:-1] == FUNCTIONS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_names_its_code_its_manual_and_its_tests(function):
    rows = dict(re.findall(r"^\| (\w+) \| (.*) \|$", sections()[function], re.MULTILINE))
    assert {"código", "manual", "prueba"} <= rows.keys()
    for row, root in (("código", "sincronizador/"), ("prueba", "tests/")):
        paths = re.findall(r"`([^`]+)`", rows[row])
        assert paths
        for path in paths:
            assert path.startswith(root), path
            assert (PROJECT / path).is_file(), path
    assert re.search(r"\]\([a-z-]+\.md", rows["manual"])


def test_a_test_that_is_named_has_tests():
    for path in re.findall(r"`(tests/[^`]+)`", PAGE):
        assert re.search(r"^(def test_|Test\w+ = )", (PROJECT / path).read_text("utf-8"), re.MULTILINE), path


def deleted(pattern):
    found = {}
    for path in sorted((PROJECT / "sincronizador").rglob("*")):
        if path.suffix in (".py", ".sql"):
            names = {next(filter(None, one)) for one in pattern.findall(path.read_text("utf-8"))}
            if names:
                found[str(path.relative_to(PROJECT))] = names
    return found


def test_nothing_that_must_be_kept_for_five_years_is_ever_deleted():
    ours = {path: names for path, names in deleted(_DELETES).items() if "/authorities/fake" not in path}
    assert ours == PASSING


def test_a_table_is_dropped_only_to_be_made_anew_with_what_it_held():
    for path, names in deleted(_DROPS).items():
        text = (PROJECT / path).read_text("utf-8")
        for name in names:
            assert re.search(rf"INSERT INTO \w+[^;]*\bFROM {name}\b", text), (path, name)


def test_the_search_for_deletions_finds_them():
    assert _DELETES.findall("db.execute('delete from job')") == [("job", "", "")]
    assert _DELETES.findall("db.execute(delete(document).where())") == [("", "document", "")]
    assert _DELETES.findall("db.execute(issuer.delete())") == [("", "", "issuer")]
