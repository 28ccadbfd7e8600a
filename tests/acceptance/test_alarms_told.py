"""Alarms reach people: by mail and webhook, once each, with their end; what has no way waits and is told at once."""

import email
import email.policy
import hashlib
import hmac
import re

import pytest
from mail_servers import mail_server
from outside.hook import webhook
from outside.installation import wait_for

KEY = b"un secreto"


@pytest.fixture
def told(installation):
    """An installation that tells a mail address and a webhook, with short waits; its mail box and its hook."""
    with mail_server() as (box, port), webhook() as (hook, url):
        (installation.folder / "webhook.txt").write_bytes(KEY + b"\n")
        (installation.folder / "webhook.txt").chmod(0o600)
        installation.configure(
            "avisos", correo='["it@example.com"]', webhook=f'"{url}"', webhook_clave='"./webhook.txt"', espera="0.1",
            calma="1",
        )  # fmt: skip
        installation.configure(
            "correo", servidor='"127.0.0.1"', puerto=str(port), cifrado='"ninguno"', remitente='"local@example.com"'
        )
        yield installation, box, hook


def ui(installation, today, *, known):
    """Without the UI of this year there is an alarm, grave."""
    values = {today.year: "6,4", today.year + 1: "6,7"} if known else {today.year - 1: "6,1"}
    table = "[ui]\n" + "".join(f'{year} = "{value}"\n' for year, value in values.items())
    text, count = re.subn(r"\[ui\]\n(\d{4} = .*\n)+", table, installation.toml.read_text("utf-8"))
    assert count == 1
    installation.toml.write_text(text, "utf-8")


def texts(box):
    mails = [email.message_from_bytes(content, policy=email.policy.default) for _, _, content in box.came]
    return [(mail["Subject"], mail.get_content()) for mail in mails]


def test_probar_says_who_took_it(told):
    installation, box, hook = told
    done = installation.run("avisos", "probar")
    assert (done.returncode, done.stdout.count("bien")) == (0, 2), done.stdout + done.stderr
    assert "prueba de los avisos" in texts(box)[0][0]
    assert hook.told == [("COMENZO", "prueba")]
    hook.status = 500
    done = installation.run("avisos", "probar")
    assert (done.returncode, "E9273" in done.stdout or "contestó 500" in done.stdout) == (69, True), done.stdout
    installation.configure("avisos", correo="[]", webhook='"https://127.0.0.1:1/x"')
    text = installation.toml.read_text("utf-8")
    installation.toml.write_text(text.replace('webhook = "https://127.0.0.1:1/x"\n', ""), "utf-8")
    done = installation.run("avisos", "probar")
    assert (done.returncode, "E9278" in done.stderr) == (78, True), done.stderr


def test_each_alarm_is_told_once_when_it_begins_and_once_when_it_is_over(told, today):
    installation, box, hook = told
    ui(installation, today, known=False)
    installation.start()
    wait_for("the alarm in the box", lambda: box.came or None)
    wait_for("the alarm in the hook", lambda: hook.told or None)
    headers, body, facts = hook.came[0]
    assert headers["x-sincronizador-firma"] == f"sha256={hmac.new(KEY, body, hashlib.sha256).hexdigest()}"
    assert (facts["instalacion"], facts["ambiente"]) == ("PRUEBA", "prueba")
    assert "Qué hacer: Agréguelo" in texts(box)[0][1]
    # Who falls before it is marked tells it again, with the same id.
    wait_for("both marked", lambda: installation.log.read_text("utf-8").count("event=told ") == 2 or None)
    installation.kill()
    installation.start()
    wait_for("another pulse", lambda: installation.log.read_text().count("event=ready") == 2 or None)
    installation.stop()
    assert (hook.told, len(box.came)) == ([("COMENZO", "ui")], 1), "a restart tells nothing again"
    ui(installation, today, known=True)
    installation.start()
    wait_for("the end in the hook", lambda: ("TERMINO", "ui") in hook.told or None, 40)
    wait_for("the end in the box", lambda: len(box.came) > 1 or None, 40)
    assert hook.told == [("COMENZO", "ui"), ("TERMINO", "ui")]
    assert "SE RECUPERÓ, duró" in texts(box)[-1][1]
    log = installation.log.read_text("utf-8")
    assert (log.count("event=alarm key=ui "), log.count("event=alarm_over key=ui ")) == (1, 1)


def test_what_had_no_way_out_waits_and_is_told_as_one_line_when_it_is_past(told, today):
    installation, _, hook = told
    hook.status = 503
    ui(installation, today, known=False)
    installation.start()
    wait_for("a try", lambda: "event=not_told" in installation.log.read_text("utf-8") or None)
    installation.stop()
    ui(installation, today, known=True)
    hook.status = 204
    installation.start()
    wait_for("it in the hook", lambda: hook.told or None, 40)
    assert hook.told == [("PASO", "ui")]
