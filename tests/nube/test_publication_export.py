"""The publication as a folder: what is in it, done again, interrupted, served by a web server of any kind."""

import hashlib
import json
import os
import random
import re
import shutil
import string
import subprocess
import threading
from datetime import date, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from clouds import NOON, RUT, Place, Till
from markup import read_page
from sqlalchemy import text
from test_publication import question_of
from test_transcriptions import observe, transcribe

from sincronizador import files
from sincronizador.errors import NeedsOperator, Rejected
from sincronizador.nube import public_pages, public_site
from sincronizador.nube.public_export import Tally, export
from sincronizador.nube.publication import Question

DAY = NOON.date()
NEEDS_NODE = "necesita node: apt-get install nodejs"


@pytest.fixture
def shop(tmp_path):
    """A cloud beside its installation."""
    place = Place(f"sqlite:///{tmp_path}/nube.db", tmp_path).found()
    yield place, Till(place)
    place.cloud.close()


def publish(place, folder, first=DAY, last=DAY, rut=RUT):
    return export(place.cloud.publication, rut, first, last, str(folder), NOON)


def tree(folder):
    """Path -> bytes, but for the lock."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".candado")
    }


def path_of(receipt, ending):
    shard, stem = public_site.stem_of(question_of(receipt))
    return f"d/{shard}/{stem}.{ending}"


def set_state(place, receipt, state):
    with place.cloud._store.writing() as db:
        db.execute(text("UPDATE document SET state = :state WHERE number = :n"), {"state": state, "n": receipt.numero})


def test_a_document_is_a_page_its_xml_and_its_pdf(shop, tmp_path):
    place, till = shop
    receipt = till.sell("V1")
    assert publish(place, tmp_path / "web") == Tally(written=1)
    found = tree(tmp_path / "web")
    assert found[path_of(receipt, "xml")] == receipt.signed
    assert found[path_of(receipt, "pdf")].startswith(b"%PDF-")
    page = read_page(found[path_of(receipt, "html")])
    assert "La empresa emitió este comprobante." in page.text
    links = {one["href"] for one in page.attributes["a"]}
    stem = public_site.stem_of(question_of(receipt))[1]
    assert links == {f"{stem}.xml", f"{stem}.pdf", "../../index.html"}
    assert "script" not in page.attributes


def test_nothing_in_the_folder_tells_which_documents_there_are(shop, tmp_path):
    place, till = shop
    receipts = [till.sell(f"V{number}") for number in range(5)]
    publish(place, tmp_path / "web")
    folders = {path for path, _, _ in os.walk(tmp_path / "web")}
    assert all(os.path.exists(os.path.join(folder, "index.html")) for folder in folders)
    blind = {content for path, content in tree(tmp_path / "web").items() if path.endswith("/index.html")}
    assert len(blind) == 1
    for receipt in receipts:
        stem = public_site.stem_of(question_of(receipt))[1]
        elsewhere = [path for path, content in tree(tmp_path / "web").items() if stem.encode() in content]
        assert elsewhere == [path_of(receipt, "html")]


def test_done_again_it_writes_what_is_new_and_what_changed(shop, tmp_path):
    place, till = shop
    first = till.sell("V1")
    publish(place, tmp_path / "web")
    before = {path: os.stat(tmp_path / "web" / path).st_ino for path in tree(tmp_path / "web")}
    second = till.sell("V2")
    assert publish(place, tmp_path / "web") == Tally(written=1, unchanged=1)
    assert path_of(second, "html") in tree(tmp_path / "web")
    assert all(os.stat(tmp_path / "web" / path).st_ino == inode for path, inode in before.items())
    set_state(place, first, "accepted")
    assert publish(place, tmp_path / "web") == Tally(written=1, unchanged=1)
    assert b"DGI lo recibi" in tree(tmp_path / "web")[path_of(first, "html")]
    assert os.stat(tmp_path / "web" / path_of(first, "xml")).st_ino == before[path_of(first, "xml")]


@pytest.mark.parametrize(("state", "says"), [("rejected", "rechazó"), ("voided", "anuló")])
def test_what_stopped_counting_is_told_so_and_is_not_there_any_more(shop, tmp_path, state, says):
    place, till = shop
    receipt = till.sell("V1")
    publish(place, tmp_path / "web")
    set_state(place, receipt, state)
    assert publish(place, tmp_path / "web") == Tally(written=1)
    found = tree(tmp_path / "web")
    assert says in found[path_of(receipt, "html")].decode()
    assert path_of(receipt, "xml") not in found
    assert path_of(receipt, "pdf") not in found
    assert publish(place, tmp_path / "web") == Tally(unchanged=1)


def test_what_a_paper_said_before_it_was_corrected_is_not_there_any_more(shop, tmp_path):
    place, till = shop
    first = transcribe(till).reply.receipt
    assert publish(place, tmp_path / "web") == Tally(written=1)
    observe(place)
    publish(place, tmp_path / "web")
    assert "DGI lo observó" in tree(tmp_path / "web")[path_of(first, "html")].decode()
    place.clock.go(days=1)
    second = transcribe(till, what="Pan casero", counter=2).reply.receipt
    assert publish(place, tmp_path / "web", DAY, DAY + timedelta(days=1)) == Tally(written=1)
    found = tree(tmp_path / "web")
    assert found[path_of(second, "xml")] == second.signed
    assert not {path_of(first, ending) for ending in ("html", "xml", "pdf")} & found.keys()
    assert publish(place, tmp_path / "web", DAY, DAY + timedelta(days=1)) == Tally(unchanged=1)


def test_what_nobody_confirmed_waits(shop, tmp_path):
    place, till = shop
    receipt = till.submit("V1").reply.receipt
    assert publish(place, tmp_path / "web") == Tally(waiting=1)
    assert path_of(receipt, "html") not in tree(tmp_path / "web")
    till.confirm("V1", receipt)
    assert publish(place, tmp_path / "web") == Tally(written=1)


def test_days_and_issuers_that_were_not_asked_for_stay_as_they_are(shop, tmp_path):
    place, till = shop
    receipt = till.sell("V1")
    assert publish(place, tmp_path / "web", DAY - timedelta(days=400), DAY - timedelta(days=1)) == Tally()
    assert path_of(receipt, "html") not in tree(tmp_path / "web")
    publish(place, tmp_path / "web", DAY - timedelta(days=400), DAY)
    before = tree(tmp_path / "web")
    publish(place, tmp_path / "web", DAY + timedelta(days=1), DAY + timedelta(days=30))
    assert tree(tmp_path / "web") == before
    with pytest.raises(Rejected) as caught:
        publish(place, tmp_path / "web", rut="211003420017")
    assert caught.value.code == "E3311"


def test_the_page_of_somebody_else_is_not_written_over(shop, tmp_path):
    place, _ = shop
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "index.html").write_text("<h1>Almacén</h1>")
    with pytest.raises(NeedsOperator) as caught:
        publish(place, tmp_path / "web")
    assert caught.value.code == "E3613"
    assert (tmp_path / "web" / "index.html").read_text() == "<h1>Almacén</h1>"
    assert not (tmp_path / "web" / "d").exists()


def test_a_damaged_file_is_made_whole_again(shop, tmp_path):
    place, till = shop
    receipt = till.sell("V1")
    publish(place, tmp_path / "web")
    before = tree(tmp_path / "web")
    (tmp_path / "web" / path_of(receipt, "xml")).write_bytes(b"<CFE")
    (tmp_path / "web" / path_of(receipt, "pdf")).unlink()
    (tmp_path / "web" / path_of(receipt, "html")).write_bytes(b"")
    assert publish(place, tmp_path / "web") == Tally(written=1)
    assert tree(tmp_path / "web") == before


class Fall(BaseException):
    """The process ends here."""


def test_an_interrupted_export_goes_on_and_every_page_that_is_there_is_whole(shop, tmp_path, monkeypatch):
    place, till = shop
    kept = [till.sell(f"V{number}") for number in range(3)]
    publish(place, tmp_path / "clean")
    clean = tree(tmp_path / "clean")
    real, left = os.replace, [0]

    def replace(source, target):
        left[0] -= 1
        if left[0] < 0:
            raise Fall
        real(source, target)

    def nothing_is_forgotten(temporaries):
        """A process that is gone cleans nothing up."""

    for boundary in range(len(clean)):
        folder = tmp_path / f"web{boundary}"
        left[0] = boundary
        with monkeypatch.context() as patched:
            patched.setattr(files.os, "replace", replace)
            patched.setattr(files, "_forget", nothing_is_forgotten)
            with pytest.raises(Fall):
                publish(place, folder)
        there = tree(folder)
        for receipt in kept:
            if path_of(receipt, "html") in there:
                assert there[path_of(receipt, "xml")] == receipt.signed
                assert there[path_of(receipt, "pdf")] == clean[path_of(receipt, "pdf")]
        publish(place, folder)
        assert tree(folder) == clean, boundary


def test_two_exports_into_one_folder_are_refused(shop, tmp_path, monkeypatch):
    place, till = shop
    till.sell("V1")
    real, seen = files.write_many, []

    def meanwhile(*args):
        with pytest.raises(NeedsOperator) as caught:
            publish(place, tmp_path / "web")
        seen.append(caught.value.code)
        return real(*args)

    monkeypatch.setattr(files, "write_many", meanwhile)
    publish(place, tmp_path / "web")
    assert seen == ["E3614"]


# --- the page that finds a document, in a real engine of JavaScript ---


def node(script):
    if not shutil.which("node"):
        pytest.skip(NEEDS_NODE)
    done = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_digest_of_the_page_is_the_one_of_everybody():
    said = ["a" * length for length in range(130)]
    told = node(f"{public_site._DIGEST}console.log(JSON.stringify({json.dumps(said)}.map(sha256)))")
    assert told == [hashlib.sha256(one.encode()).hexdigest() for one in said]


def test_the_page_and_the_export_agree_where_a_document_lies():
    chance = random.Random(7)
    letters = string.ascii_letters + string.digits + "+/"
    questions = [
        Question(
            rut="".join(chance.choices(string.digits, k=12)), tipo=chance.choice((101, 111, 282)),
            serie="".join(chance.choices(string.ascii_uppercase + string.digits, k=chance.choice((1, 2)))),
            numero=chance.choice((0, 1, 9_999_999, chance.randrange(10**7))),
            codigo="".join(chance.choices(letters, k=6)),
        )
        for _ in range(500)
    ]  # fmt: skip
    asked = [
        {"rut": one.rut, "tipo": str(one.tipo), "serie": one.serie.lower(), "numero": f" {one.numero:07d} ",
         "codigo": one.codigo}
        for one in questions
    ]  # fmt: skip

    def paths(given):
        script = public_site._DIGEST + public_site._PATH
        return node(f"{script}console.log(JSON.stringify({json.dumps(given)}.map(pathOf)))")

    expected = ["d/{}/{}.html".format(*public_site.stem_of(one)) for one in questions]
    assert paths(asked) == expected
    bad = [asked[0] | {"codigo": "abc"}, asked[0] | {"rut": "../../x"}, asked[0] | {"numero": "1e3"}]
    assert paths(bad) == ["", "", ""]


BROWSER = """
const BASE = %(base)s, values = %(values)s, said = {textContent: "", hidden: true}, elements = {};
for (const name of ["rut", "tipo", "serie", "numero", "codigo"]) elements[name] = {value: ""};
let submit;
const form = {elements, addEventListener: (_, act) => { submit = act; }};
globalThis.document = {getElementById: (id) => id === "aviso" ? said : form};
globalThis.location = {search: "?rut=" + values.rut, href: ""};
const real = globalThis.fetch;
globalThis.fetch = (path, how) => real(new URL(path, BASE), how);
%(script)s
const filled = elements.rut.value;
for (const name in values) elements[name].value = values[name];
submit({preventDefault() {}});
const until = Date.now() + 10000;
(function wait() {
  if (location.href || !said.hidden || Date.now() > until)
    console.log(JSON.stringify({href: location.href, said: said.textContent, filled}));
  else setTimeout(wait, 10);
})();
"""


@pytest.fixture
def served(tmp_path):
    """Any web server over the folder; its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "web")))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_first_page_leads_to_the_document_of_a_ticket_and_to_no_other(shop, tmp_path, served):
    place, till = shop
    receipt = till.sell("V1")
    publish(place, tmp_path / "web")
    page = read_page((tmp_path / "web" / "index.html").read_text("utf-8"))
    (script,) = page.scripts
    policy = next(one["content"] for one in page.attributes["meta"] if "http-equiv" in one)
    assert public_pages.hash_of(script) in policy
    assert not re.search(r"unsafe|https?:", policy)

    def ask(**other):
        question = question_of(receipt)
        values = {
            "rut": question.rut, "tipo": str(question.tipo), "serie": question.serie, "numero": str(question.numero),
            "codigo": question.codigo,
        } | other  # fmt: skip
        return node(BROWSER % {"base": json.dumps(served), "values": json.dumps(values), "script": script})

    found = ask()
    assert (found["href"], found["said"], found["filled"]) == (path_of(receipt, "html"), "", RUT)
    assert ask(codigo="AAAAAA") == {"href": "", "said": public_pages.NOT_FOUND, "filled": RUT}
    assert ask(numero="2")["said"] == public_pages.NOT_FOUND
    assert ask(codigo="A")["said"] == public_pages.UNCLEAR


def test_five_years_are_asked_day_by_day(shop, tmp_path):
    place, till = shop
    till.sell("V1")
    assert publish(place, tmp_path / "web", date(2022, 1, 1), date(2026, 12, 31)) == Tally(written=1)
