"""A real IMAP server of a test's own: Debian's Dovecot, as the user who runs the test, on a port of loopback."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from base64 import b64encode

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
HOW = "apt install dovecot-imapd"
USER, PASSWORD = "cfe@almacen.com.uy", 'contraseña"de\\la-cuenta'

_CONF = """
base_dir = {run}
state_dir = {run}
log_path = {home}/log
protocols = imap
ssl = required
ssl_cert = <{home}/tls.pem
ssl_key = <{home}/tls.key
ssl_dh =
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
mail_location = maildir:{home}/mail
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 0
disable_plaintext_auth = yes
passdb {{
  driver = static
  args = password={{plain.b64}}{encoded}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """Running; `drop` puts a message into the mailbox as the mail server would."""

    def __init__(self, home, certificate, key):
        self.home = home
        # Dovecot refuses to keep mail for root.
        owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for name in ("mail/new", "mail/cur", "mail/tmp", "run"):
            (home / name).mkdir(parents=True)
        (home / "tls.pem").write_bytes(certificate)
        (home / "tls.key").write_bytes(key)
        (home / "tls.key").chmod(0o600)
        self._number = 0
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        facts = {
            "home": home, "run": home / "run", "port": self.port, "uid": owner.pw_uid, "gid": owner.pw_gid,
            "user": owner.pw_name, "group": grp.getgrgid(owner.pw_gid).gr_name,
            "encoded": b64encode(PASSWORD.encode()).decode(),
        }  # fmt: skip
        (home / "dovecot.conf").write_text(_CONF.format(**facts))
        self._owner = owner
        self._own()
        self._process = subprocess.Popen([DOVECOT, "-F", "-c", str(home / "dovecot.conf")])
        self._wait()

    def drop(self, content):
        self._number += 1
        path = self.home / "mail" / "new" / f"{1700000000 + self._number}.{self._number}.prueba"
        path.write_bytes(content)
        if os.geteuid() == 0:
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def flags(self):
        """Flags of the messages, in their order: ``S`` seen, ``F`` flagged."""
        found = sorted(os.listdir(self.home / "mail" / "cur"), key=lambda name: int(name.split(".")[1]))
        return [name.partition(":2,")[2] for name in found]

    def stop(self):
        self._process.terminate()
        self._process.wait(10)

    def _own(self):
        if os.geteuid() == 0:
            for folder, _, names in os.walk(self.home / "mail"):
                for path in (folder, *(os.path.join(folder, name) for name in names)):
                    os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def _wait(self):
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                log = self.home / "log"
                assert time.monotonic() < end, log.read_text() if log.exists() else "no log"
                time.sleep(0.05)
            else:
                return
