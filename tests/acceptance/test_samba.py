"""Tills on other machines: a real smbd with the share of `docs/samba.md`, clients that do what Windows and DOS do."""

import os
import re
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from outside import installation as outside
from outside.answers import parse
from outside.cloud import free_port
from outside.dialects import Style, write
from outside.installation import HOME, Installation, wait_for
from outside.legacy import simple

pytest.importorskip("smbprotocol", reason="pip install smbprotocol")
import smbclient
from smbprotocol.exceptions import SharingViolation, SMBOSError

GROUP = "users"
TILLS = ("games", "mail")
"""Users of the system that stand for tills."""
PASSWORD = "clave de caja"
DOCUMENT = (HOME / "docs" / "samba.md").read_text("utf-8")
SERVER = """[global]
server role = standalone server
interfaces = lo
bind interfaces only = yes
smb ports = {port}
disable netbios = yes
load printers = no
disable spoolss = yes
private dir = {state}
lock directory = {state}
state directory = {state}
cache directory = {state}
pid directory = {state}
ncalrpc dir = {state}/rpc
passdb backend = tdbsam:{state}/passdb.tdb
log file = {state}/log
"""

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root runs a file server with users"),
    pytest.mark.skipif(shutil.which("smbd") is None, reason="apt-get install samba smbclient"),
    pytest.mark.skipif(shutil.which("smbclient") is None, reason="apt-get install samba smbclient"),
]


def documented_share(path: Path) -> str:
    """The share as the manual has it, for this folder and these users."""
    (share,) = re.findall(r"```ini\n(\[facturas\].*?)```", DOCUMENT, re.DOTALL)
    for there, here in (
        ("/var/spool/sincronizador", str(path)),
        ("@sincronizador", " ".join(TILLS)),
        ("force group = sincronizador", f"force group = {GROUP}"),
    ):
        assert there in share
        share = share.replace(there, here)
    return share


class Share:
    """An installation whose spool is shared, and its server."""

    def __init__(self, own: Installation, state: Path) -> None:
        self.own = own
        self.port = free_port()
        (state / "rpc").mkdir(parents=True)
        self.conf = state / "smb.conf"
        self.conf.write_text(SERVER.format(port=self.port, state=state) + documented_share(own.spool))
        for user in TILLS:
            command = ["smbpasswd", "-c", self.conf, "-s", "-a", user]
            subprocess.run(command, input=f"{PASSWORD}\n" * 2, text=True, capture_output=True, check=True)
        command = ["smbd", "--foreground", "--no-process-group", f"--configfile={self.conf}"]
        # When it ends it ends its whole group.
        self.server = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        wait_for("smbd", self._registered)

    def _registered(self) -> bool:
        with suppress(ValueError, OSError):
            smbclient.register_session("127.0.0.1", username=TILLS[0], password=PASSWORD, port=self.port)
            return True
        return False

    def at(self, *parts: str) -> str:
        return "\\".join((r"\\127.0.0.1\facturas", *parts))

    def open(self, *parts: str, mode: str = "wb", share: str = "rwd", **more):
        return smbclient.open_file(
            self.at(*parts), mode=mode, port=self.port, share_access=share, buffering=0, **more
        )  # fmt: skip

    def exists(self, *parts: str) -> bool:
        with suppress(SMBOSError):
            smbclient.stat(self.at(*parts), port=self.port)
            return True
        return False

    def read(self, *parts: str) -> bytes:
        with self.open(*parts, mode="rb") as file:
            return file.read()

    def answered(self, *parts: str) -> dict[str, str]:
        """The decided answer, read over the wire."""

        def look():
            with suppress(SMBOSError):
                found = parse(self.read("salida", *parts), parts[-1], "utf-8")
                return found if found.first != "PENDIENTE" else None
            return None

        return wait_for(f"answer {parts[-1]}", look)

    def command(self, script: str, user: str = TILLS[0]) -> str:
        """What Samba's own client does."""
        command = ["smbclient", f"--port={self.port}", "//127.0.0.1/facturas", "--user", f"{user}%{PASSWORD}", "-c"]
        done = subprocess.run([*command, script], capture_output=True, text=True, timeout=20, check=False)
        return done.stdout + done.stderr

    def end(self) -> None:
        smbclient.reset_connection_cache()
        self.server.terminate()
        self.server.wait(10)


@pytest.fixture(scope="module")
def share(prepared: Path) -> Iterator[Share]:
    """The daemon has no right over others' files but what its group gives it, as the service."""
    home = Path(tempfile.mkdtemp(prefix="samba-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
    home.chmod(0o755)
    own = Installation.copied(prepared, home / "i")
    for path in (own.folder, own.spool, *own.spool.rglob("*")):
        shutil.chown(path, group=GROUP)
        if path.is_dir():
            path.chmod(0o2770 if path != own.folder else 0o755)
    own.configure("entrada", incompleto="2")
    rights = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", f"--groups={GROUP}"]
    as_service = (*rights, "sh", "-c", 'umask 0007; exec "$@"', "service", *outside.COMMAND)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outside, "COMMAND", as_service)
        own.start()
    made = None
    try:
        made = Share(own, home / "samba")
        yield made
    finally:
        if made is not None:
            made.end()
        print(own.tail())
        own.kill()
        shutil.rmtree(home, ignore_errors=True)


def sale(name: str, today, **more) -> bytes:
    return write(simple(name, today, **more), Style())


def test_a_file_that_is_written_in_pieces_with_pauses_is_taken_when_it_ends(share, today):
    content = sale("SMB1", today)
    with share.open("entrada", "SMB1.TXT", share="r") as file:
        for start in range(0, len(content), 40):
            file.write(content[start : start + 40])
            time.sleep(0.01)
        assert not share.exists("salida", "SMB1.RSP")
    answer = share.answered("SMB1.RSP")
    assert answer.first == "OK"
    path = share.own.spool / "salida" / "SMB1.RSP"
    assert stat.S_IMODE(path.stat().st_mode) & 0o660 == 0o660
    assert path.group() == GROUP


def test_write_close_reopen_and_append_is_one_file(share, today):
    content = sale("SMB2", today)
    with share.open("entrada", "SMB2.TXT"):
        pass
    with share.open("entrada", "SMB2.TXT", mode="ab") as file:
        file.write(content[:50])
    time.sleep(0.3)
    with share.open("entrada", "SMB2.TXT", mode="ab") as file:
        file.write(content[50:])
    assert share.answered("SMB2.RSP").first == "OK"


def test_write_beside_and_rename_over_the_wire(share, today):
    with share.open("entrada", "SMB3.TMP") as file:
        file.write(sale("SMB3", today))
    time.sleep(0.2)
    assert share.exists("entrada", "SMB3.TMP")
    smbclient.rename(share.at("entrada", "SMB3.TMP"), share.at("entrada", "SMB3.TXT"), port=share.port)
    assert share.answered("SMB3.RSP").first == "OK"


def test_samba_s_own_client_makes_a_till_s_folder_and_gets_its_answer(share, today, tmp_path):
    (tmp_path / "V.TXT").write_bytes(sale("SMB4", today))
    said = share.command(f'mkdir entrada\\CAJA7; cd entrada\\CAJA7; put "{tmp_path}/V.TXT" V.TXT', TILLS[1])
    assert "putting file" in said, said
    assert share.answered("CAJA7", "V.RSP").first == "OK"
    said = share.command(f'cd salida\\CAJA7; get v.rsp "{tmp_path}/v.rsp"; del v.rsp; ls', TILLS[1])
    assert parse((tmp_path / "v.rsp").read_bytes(), "v.rsp", "utf-8").first == "OK", "names in any case"
    assert "V.RSP" not in said.rpartition("getting")[2]
    time.sleep(0.5)
    assert not share.exists("salida", "CAJA7", "V.RSP"), "what its reader deleted stays away"


def test_names_differ_by_case_for_nobody(share, today):
    with share.open("ENTRADA", "smb5.Txt") as file:
        file.write(sale("SMB5", today))
    share.answered("SMB5.RSP")
    assert share.read("Salida", "smb5.rsp").startswith(b"OK")


def test_a_client_that_dies_in_mid_write_is_answered_and_may_begin_again(share, today, tmp_path):
    content = sale("SMB6", today)
    script = (
        "import os, smbclient, sys;"
        f"smbclient.register_session('127.0.0.1', username={TILLS[0]!r}, password={PASSWORD!r}, port={share.port});"
        f"f = smbclient.open_file({share.at('entrada', 'SMB6.TXT')!r}, mode='wb', port={share.port}, buffering=0);"
        f"f.write({content[:60]!r}); print('written', flush=True); os.kill(os.getpid(), 9)"
    )
    client = subprocess.run([outside.sys.executable, "-c", script], capture_output=True, timeout=20, check=False)
    assert client.stdout == b"written\n", client.stderr
    answer = share.answered("SMB6.RSP")
    assert (answer.first, answer["CODIGO"]) == ("ERROR", "E0103")
    smbclient.remove(share.at("salida", "SMB6.RSP"), port=share.port)
    with share.open("entrada", "SMB6.TXT") as file:
        file.write(content)
    assert share.answered("SMB6.RSP").first == "OK"


def test_an_answer_that_is_being_read_with_a_lock_is_whole_and_may_be_written_again(share, today):
    with share.open("entrada", "SMB7.TXT") as file:
        file.write(sale("SMB7", today))
    share.answered("SMB7.RSP")
    with share.open("salida", "SMB7.RSP", mode="rb", share="r") as held:
        first = held.read(10)
        with suppress(SharingViolation, SMBOSError):
            smbclient.remove(share.at("salida", "SMB7.RSP"), port=share.port)
        # The same sale again: its answer is written anew while the reader holds the old one.
        with share.open("entrada", "SMB7.TXT") as file:
            file.write(sale("SMB7", today))
        wait_for("second answer", lambda: b"A0001" in (share.own.spool / "salida" / "SMB7.RSP").read_bytes() or None)
        assert (first + held.read()).endswith(b"\r\n")
    assert b"A0001" in share.read("salida", "SMB7.RSP")
    with share.open("salida", "SMB7.RSP", mode="rb") as file:
        file.fd.lock([_lock(0, 100)])
        assert file.read().startswith(b"OK")


def _lock(offset: int, length: int):
    from smbprotocol.open import LockFlags
    from smbprotocol.open import SMB2LockElement as Element

    element = Element()
    element["offset"], element["length"] = offset, length
    element["flags"] = LockFlags.SMB2_LOCKFLAG_EXCLUSIVE_LOCK | LockFlags.SMB2_LOCKFLAG_FAIL_IMMEDIATELY
    return element


def test_two_tills_with_one_name_each_get_their_own_sale(share, today):
    for till in ("CAJA1", "CAJA2"):
        smbclient.makedirs(share.at("entrada", till), exist_ok=True, port=share.port)
    for number in range(5):
        for till in ("CAJA1", "CAJA2"):
            with share.open("entrada", till, f"N{number}.TXT") as file:
                file.write(sale(f"{till}-{number}", today))
    found = {share.answered(till, f"N{number}.RSP")["REFERENCIA"] for number in range(5) for till in ("CAJA1", "CAJA2")}
    assert found == {f"{till}-{number}" for number in range(5) for till in ("CAJA1", "CAJA2")}


def test_two_clients_that_write_the_same_name_lose_no_sale_that_was_taken(share, today):
    """In one folder the second one waits, is refused by the server, or is a file of its own: never a mixture."""
    with share.open("entrada", "SMB9.TXT", share="r") as first:
        first.write(sale("SMB9-A", today)[:60])
        with pytest.raises(SMBOSError):
            share.open("entrada", "SMB9.TXT", share="r").close()
        first.write(sale("SMB9-A", today)[60:])
    assert share.answered("SMB9.RSP")["REFERENCIA"] == "SMB9-A"
    smbclient.remove(share.at("salida", "SMB9.RSP"), port=share.port)
    with share.open("entrada", "SMB9.TXT") as second:
        second.write(sale("SMB9-B", today))
    assert share.answered("SMB9.RSP")["REFERENCIA"] == "SMB9-B"


def test_what_is_the_service_s_own_is_neither_seen_nor_touched(share):
    seen = set(smbclient.listdir(share.at(), port=share.port))
    assert {"entrada", "salida", "procesados", "rechazados"} <= seen
    assert not seen & {"procesando", "cae", ".candado"}
    assert (share.own.spool / "cae").is_dir()
    for name in ("procesando", "cae", ".candado"):
        with pytest.raises(SMBOSError):
            smbclient.stat(share.at(name), port=share.port)


def test_a_stranger_does_not_get_in(share):
    assert "NT_STATUS" in share.command("ls", "nobody")


def test_the_daemon_is_told_by_the_kernel_and_answers_at_once(share, today):
    began = time.monotonic()
    with share.open("entrada", "SMB10.TXT") as file:
        file.write(sale("SMB10", today))
    share.answered("SMB10.RSP")
    assert time.monotonic() - began < 1.5
