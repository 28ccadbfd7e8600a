"""Mail servers on loopback: a whole one, in clear, with STARTTLS or all in TLS; and one of a script, for what fails."""

import asyncio
import contextlib
import socket
import ssl
import threading
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = "nube", "contraseña larga"


class Box:
    """What came: (sender, recipients, bytes)."""

    def __init__(self):
        self.came = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.came.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        return "250 2.0.0 Ok: queued as 7F3"


@contextlib.contextmanager
def mail_server(*, tls=None, implicit=False, auth=""):
    """A server that takes all; (box, port). `tls`: a context, for STARTTLS, or with `implicit` from the start.

    `auth`: the password that it wants.
    """
    box, loop = Box(), asyncio.new_event_loop()
    options = {"ident": "correo de prueba", "loop": loop}
    if tls is not None and not implicit:
        options |= {"tls_context": tls, "require_starttls": True}
    if auth:
        options |= {"authenticator": _knows(auth), "auth_required": True, "auth_require_tls": not implicit}

    def protocol():
        with warnings.catch_warnings():
            # That nobody asks for TLS before a password: here all of it is TLS.
            warnings.simplefilter("ignore")
            return SMTP(box, **options)

    async def listen():
        return await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls if implicit else None)

    server = loop.run_until_complete(listen())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield box, server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server):
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _knows(password):
    def judge(server, session, envelope, mechanism, given):
        right = (given.login, given.password) == (USER.encode(), password.encode())
        return AuthResult(success=right, handled=right)

    return judge


def server_context(tls, folder):
    """What a server with these files shows."""
    (folder / "smtp.pem").write_bytes(tls.certificate)
    (folder / "smtp.key").write_bytes(tls.key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "smtp.pem", folder / "smtp.key")
    return context


@contextlib.contextmanager
def scripted(*answers):
    """
    A server in clear that gives these answers, one to each command and the first as its greeting; (heard, port).

    None: it hangs up. A number: it is silent so many seconds. After a 354 a whole message is one command.
    """
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, list(answers), heard), daemon=True)
        thread.start()
        yield heard, listener.getsockname()[1]
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def _serve(listener, answers, heard):
    with contextlib.suppress(OSError):
        sock, _ = listener.accept()
        with sock, sock.makefile("rb") as lines:
            before = ""
            for answer in answers:
                if before:
                    heard.append(_command(lines, whole=before.startswith("354")))
                if answer is None:
                    return
                if isinstance(answer, float):
                    sock.settimeout(answer)
                    lines.read()
                    return
                sock.sendall(answer.encode() + b"\r\n")
                before = answer
            while lines.readline():
                sock.sendall(b"221 Adios\r\n")


def _command(lines, *, whole):
    if not whole:
        return lines.readline().decode().strip()
    said = b""
    while not said.endswith(b"\r\n.\r\n"):
        line = lines.readline()
        if not line:
            break
        said += line
    return said
