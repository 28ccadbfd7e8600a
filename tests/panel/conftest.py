"""A browser before the scene; what no page may do is watched on every one of them."""

import contextlib
import shutil
import tempfile
from pathlib import Path

import pytest
import scene as scenes

SCREEN = {"width": 1024, "height": 768}


@pytest.fixture(scope="session")
def scene():
    """The shop."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    try:
        with scenes.playing(folder) as playing:
            yield playing
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def chromium():
    """The real one."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs chromium: apt install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


class Window:
    """A window of the browser; what complains in it, runs a stranger's script or goes elsewhere is written down."""

    def __init__(self, browser, url, **how):
        self.wrong = []
        self._url = url
        self._context = browser.new_context(viewport=SCREEN, **how)
        self.page = self._context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("request", self._look)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("dialog", lambda dialog: (self.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def clear(self):
        """As it was opened."""
        self.page.goto("about:blank")
        self.page.set_viewport_size(SCREEN)
        self.page.emulate_media(color_scheme="light")
        self.wrong.clear()

    def close(self):
        self._context.close()

    def _listen(self, said):
        # The browser's own word for a page that is not there, where a test asks for one.
        if said.type in ("error", "warning") and "404 (Not Found)" not in said.text:
            self.wrong.append(said.text)

    def _look(self, request):
        if not request.url.startswith((self._url, "data:", "about:")):
            self.wrong.append(f"leaves: {request.url}")


@pytest.fixture
def visits(chromium, scene):
    """Lends the one window (each costs a second of a core), or opens one of another kind; nothing may be wrong then."""
    own = Window(chromium, scene.url)

    @contextlib.contextmanager
    def visiting():
        own.clear()
        windows = [own]

        def visit(**how):
            if how:
                windows.append(Window(chromium, scene.url, **how))
            return windows[-1].page

        try:
            yield visit
        finally:
            for window in windows[1:]:
                window.close()
        assert [wrong for window in windows for wrong in window.wrong] == []

    yield visiting
    own.close()
