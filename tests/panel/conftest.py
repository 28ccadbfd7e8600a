"""A browser before the scene; what no page may do is watched on every one of them."""

import contextlib
import shutil
import tempfile
from pathlib import Path

import pytest
import scene as scenes


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


@pytest.fixture
def visits(chromium, scene):
    """Opens windows; in the end nothing may have complained, run a stranger's script, or gone elsewhere."""

    @contextlib.contextmanager
    def visiting():
        wrong, windows = [], []

        def listen(said):
            # The browser's own word for a page that is not there, where a test asks for one.
            if said.type in ("error", "warning") and "404 (Not Found)" not in said.text:
                wrong.append(said.text)

        def look(request):
            if not request.url.startswith((scene.url, "data:")):
                wrong.append(f"leaves: {request.url}")

        def open_window(width=1024, height=768, **how):
            window = chromium.new_context(viewport={"width": width, "height": height}, **how)
            windows.append(window)
            page = window.new_page()
            page.set_default_timeout(10_000)
            page.on("request", look)
            page.on("console", listen)
            page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
            page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
            return page

        try:
            yield open_window
        finally:
            for window in windows:
                window.close()
        assert wrong == []

    return visiting
