"""The panel in a real browser, over a shop that really runs: every page, every button, and what it does outside."""

import io
import re
import zipfile

import pytest
from axe_playwright_python.sync_playwright import Axe
from outside.installation import wait_for
from outside.proxy import PASSING
from playwright.sync_api import Error, expect
from scene import IMAGE, SCRIPT, TICKET

PAGES = ("/", "/problemas", "/ventas", "/ventas/1", "/impresoras", "/contingencia", "/soporte")
SCHEMES = {"light": (*PAGES, "/ventas?desde=01/01/2026&q=zzz", "/nada"), "dark": ("/", "/problemas", "/impresoras")}
ACTS = []
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


def act(play):
    """A part of the day. Together they are one test: each finds the shop as the one before left it."""
    ACTS.append(play)
    return play


@act
def every_page_fits_the_screen_of_a_shop_and_one_that_is_narrow(visit, scene):
    page = visit()
    for path in PAGES:
        page.goto(scene.url + path)
        assert page.evaluate(OVERFLOW) == 0, path
        assert page.locator("h1").count() == 1, path
        assert float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")) >= 18
    page.set_viewport_size({"width": 320, "height": 640})
    for path in PAGES:
        page.goto(scene.url + path)
        assert page.evaluate(OVERFLOW) == 0, path


@act
def axe_finds_nothing_serious_on_any_page(visit, scene):
    page = visit()
    for scheme, paths in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        _axe(page, scene, paths)


def _axe(page, scene, paths):
    for path in paths:
        page.goto(scene.url + path)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
        grave = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
        told = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in grave]
        assert told == [], path


@act
def the_first_page_says_in_words_that_there_is_no_internet_and_what_to_do(visit, scene):
    page = visit()
    page.goto(scene.url)
    expect(page.locator(".titular")).to_contain_text(
        re.compile(r"Sin Internet: firmando en contingencia desde \d\d:\d\d \(2 comprobantes\)")
    )
    expect(page.locator(".prueba")).to_contain_text("PRUEBA")
    expect(page.locator(".alarmas")).to_contain_text("Falta [ui]")
    expect(page.locator(".alarmas")).to_contain_text("Qué hacer:")
    expect(page.locator(".tarjetas")).to_contain_text("Vence en")
    assert page.locator("nav li").first.inner_text().split() == ["0", "Con", "problemas", "6"]


@act
def what_is_wrong_is_shown_at_its_very_line_and_a_strangers_words_stay_words(visit, scene):
    page = visit()
    page.goto(f"{scene.url}/problemas")
    wrong = page.locator("article", has=page.get_by_role("heading", name="M-204"))
    assert wrong.locator("mark").all_inner_texts() == ["CANTIDAD=dos", "COLOR=azul"]
    expect(wrong).to_contain_text("DETALLE=Café con leche y medialunas")
    expect(wrong).to_contain_text("CANTIDAD debe ser un número y llegó «dos».")
    hostile = page.locator("article", has=page.get_by_role("heading", name=IMAGE))
    expect(hostile).to_contain_text(f"CANTIDAD={SCRIPT}")
    assert page.locator("article img, article script").count() == 0
    hostile.get_by_role("link", name=IMAGE).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(IMAGE)
    page.goto(f"{scene.url}/ventas?q=RARA-1")
    page.get_by_role("link", name="RARA-1").click()
    page.get_by_text("Ver sus renglones").click()
    expect(page.locator(".renglones").last).to_contain_text(f"DETALLE={SCRIPT}")


@act
def a_sale_is_found_by_keyboard_alone_and_shows_its_paper(visit, scene):
    page = visit()
    page.goto(scene.url)
    page.keyboard.press("/")
    page.keyboard.type("T-2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="T-2")).to_be_visible()
    page.get_by_role("link", name="T-2").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("e-Ticket")
    ticket = page.locator("img")
    wait_for("the picture", lambda: ticket.evaluate("one => one.complete && one.naturalWidth > 300"))
    expect(page.locator(".historia")).to_contain_text("Numerado y firmado por la nube")
    for key, path in (("1", "/"), ("2", "/ventas"), ("3", "/impresoras"), ("4", "/contingencia"), ("5", "/soporte")):
        page.keyboard.press(key)
        page.wait_for_url(scene.url + path)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Ir al contenido")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@act
def sales_are_narrowed_by_day_amount_state_and_till(visit, scene):
    page = visit()
    page.goto(f"{scene.url}/ventas")
    page.get_by_text("Más datos").click()
    page.get_by_label("Estado").select_option("rechazadas")
    page.get_by_label("Caja").select_option("CAJA1")
    page.get_by_role("button", name="Buscar").click()
    assert page.locator("tbody th a").all_inner_texts() == ["M-204"]
    page.goto(f"{scene.url}/ventas?minimo=10.000&maximo=20.000,50")
    assert page.locator("tbody th a").all_inner_texts() == ["F-1"]
    page.goto(f"{scene.url}/ventas?q=211003420017")
    assert page.locator("tbody th a").all_inner_texts() == ["F-1"]
    page.goto(f"{scene.url}/ventas?hasta=mañana")
    expect(page.get_by_role("alert")).to_contain_text("No se entiende la fecha «mañana»")


@act
def what_a_sale_is_made_of_can_be_taken_along(visit, scene):
    page = visit()
    page.goto(f"{scene.url}/ventas/1")
    for link, begins in (("Bajar PDF", b"%PDF"), ("Bajar XML firmado", b"<"), ("Bajar el archivo", b"[DOCUMENTO]")):
        with page.expect_download() as taken:
            page.get_by_role("link", name=link).click()
        assert taken.value.path().read_bytes().startswith(begins)
    page.goto(f"{scene.url}/ventas?q=RARA")
    with page.expect_download() as taken:
        page.goto(f"{scene.url}/soporte")
        page.get_by_role("link", name="Bajar el paquete").click()
    packed = zipfile.ZipFile(io.BytesIO(taken.value.path().read_bytes()))
    assert {"configuracion.json", "servicio.json", "versiones.json", "registro.txt"} <= set(packed.namelist())


@act
def a_copy_comes_out_of_the_printer_and_says_so(visit, scene):
    page, before = visit(), scene.printed()
    page.goto(f"{scene.url}/ventas/2")
    page.get_by_role("button", name="Imprimir una copia").click()
    expect(page.get_by_role("status")).to_contain_text("marcado COPIA")
    wait_for("the paper", lambda: scene.printed() > before)
    newest = max(scene.pages.glob("*.bin"), key=lambda path: path.name)
    assert b"COPIA" in newest.read_bytes()
    expect(page.locator("section", has=page.get_by_role("heading", name="Papeles"))).to_contain_text("Copia en CAJA1")


@act
def a_printer_is_asked_and_prints_its_trial_pages(visit, scene):
    page, before = visit(), scene.printed()
    page.goto(f"{scene.url}/impresoras")
    station = page.locator("#CAJA1")
    station.get_by_role("button", name="¿Cómo está?").click()
    expect(station).to_contain_text(re.compile(r"A las \d\d:\d\d:\d\d: Lista\."))
    station.get_by_role("button", name="Imprimir página de prueba").click()
    expect(station).to_contain_text("La página de prueba: impreso.")
    station.get_by_role("button", name="Imprimir hoja de letras").click()
    expect(station).to_contain_text("Elija el renglón que se lee bien.")
    wait_for("two pages", lambda: scene.printed() == before + 2)
    station.get_by_text("Ver cómo son las dos hojas").click()
    for picture in station.locator("img").all():
        picture.scroll_into_view_if_needed()
        wait_for(
            "the picture", lambda picture=picture: picture.evaluate("one => one.complete && one.naturalWidth > 300")
        )


@act
def held_and_doubtful_papers_are_settled_with_a_button_each(visit, scene):
    page, before = visit(), scene.printed()
    page.goto(f"{scene.url}/impresoras")
    station = page.locator("#CAJA1")
    station.get_by_role("button", name="Dejar salir").click()
    expect(page.get_by_role("status")).to_contain_text("Sale un papel de R-1")
    wait_for("the held paper", lambda: scene.printed() > before)
    wait_for("its answer", lambda: scene.till.peek("R0001.TXT", "CAJA1")["IMPRESION"] == "IMPRESO")
    page.get_by_role("button", name="Salió bien: quitar de la lista").click()
    expect(page.get_by_role("status")).to_contain_text("Ya no cuentan como dudosas")
    expect(station).to_contain_text("Ninguno.")


@act
def a_waiting_sale_is_tried_again_or_discarded_with_a_reason_by_keyboard(visit, scene):
    page = visit()
    page.goto(f"{scene.url}/problemas")
    waiting = page.locator("article", has=page.get_by_role("heading", name="MAYOR-7"))
    waiting.get_by_role("button", name="Reintentar").click()
    expect(page.get_by_role("status")).to_contain_text("Se reintentan")
    page.get_by_text("Descartar…").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("El cliente se fue")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Descartado MAYOR-7")
    answer = scene.till.answer("MAYOR.TXT", "CAJA1")
    assert answer["ESTADO"] == "DESCARTADO"
    assert "El cliente se fue" in answer.raw.decode("cp1252")
    expect(page.get_by_role("heading", name="MAYOR-7")).to_have_count(0)


@act
def a_page_that_is_open_tells_by_itself_what_happens(visit, scene):
    page = visit()
    page.goto(scene.url)
    expect(page.locator("#vivo")).to_have_text("Esta página se actualiza sola.")
    today = page.locator(".tarjeta", has_text="Hoy").locator(".valor")
    before = int(today.inner_text().split()[0])
    scene.till.ask("VIVA.TXT", TICKET.format(referencia="VIVA-1").encode(), till="CAJA1")
    expect(today).to_have_text(f"{before + 1} comprobantes")
    scene.site.line.become(PASSING)
    expect(page.locator(".titular")).to_contain_text("Con problemas: 3", timeout=20_000)
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1


@act
def contingencia_is_begun_with_a_reason_and_ended_by_a_person(visit, scene):
    page = visit()
    page.goto(f"{scene.url}/contingencia")
    page.get_by_text("Firmar en esta máquina desde ya…").click()
    page.get_by_label("Por qué:").fill("Corte anunciado")
    page.get_by_role("button", name="Empezar contingencia").click()
    expect(page.get_by_role("status")).to_contain_text("desde ahora se firma en esta máquina")
    expect(page.locator(".titular")).to_contain_text("pedida por una persona")
    scene.till.ask("FORZADA.TXT", TICKET.format(referencia="FZ-1").encode(), till="CAJA1")
    expect(page.locator(".titular")).to_contain_text("(1 comprobante)")
    page.get_by_role("button", name="Terminar: volver a la nube").click()
    expect(page.get_by_role("status")).to_contain_text("Contingencia terminada")
    expect(page.get_by_role("table")).to_contain_text("Corte anunciado")


@act
def without_javascript_pages_reload_and_buttons_work(visit, scene):
    page, before = visit(java_script_enabled=False), scene.printed()
    page.goto(scene.url)
    page.get_by_role("link", name="recargarla cada 10 segundos").click()
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "10"
    page.goto(f"{scene.url}/ventas/1")
    page.get_by_role("button", name="Imprimir una copia").click()
    expect(page.get_by_role("status")).to_contain_text("marcado COPIA")
    wait_for("the paper", lambda: scene.printed() > before)


@act
def a_service_that_stopped_is_told_and_no_button_promises_anything(visit, scene):
    page = visit()
    assert scene.till.stop() == 0
    page.goto(scene.url)
    expect(page.locator(".titular")).to_have_text(re.compile("Detenido"))
    page.goto(f"{scene.url}/ventas/1")
    page.get_by_role("button", name="Imprimir una copia").click()
    expect(page.get_by_role("alert")).to_contain_text("No se hizo.")


@pytest.mark.timeout(400)
def test_every_page_and_every_button_over_a_shop_that_runs(visits, scene):
    for play in ACTS:
        try:
            with visits() as visit:
                play(visit, scene)
        except (AssertionError, Error) as error:
            error.add_note(f"in the act: {play.__name__}")
            raise
