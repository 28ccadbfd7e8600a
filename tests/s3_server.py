"""An S3 on loopback, as far as backups need it: signed requests (AWS Signature 4), listings, parts. Made from its
description, and not from our client."""

import contextlib
import hashlib
import hmac
import itertools
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USER, KEY, REGION, BUCKET = "AKIAPRUEBA", "la clave secreta", "us-east-1", "respaldos-caja"


class Shelf:
    """What lies there, and what goes wrong."""

    def __init__(self):
        self.objects = {}
        self.parts = {}
        self.numbers = itertools.count(1)
        self.spoil = False
        """What is stored is not what came."""
        self.fail_part = 0
        """The part of that number is not taken."""
        self.asked = []


@contextlib.contextmanager
def s3_server():
    """(shelf, its address)."""
    shelf = Shelf()
    handler = type("Handler", (_Handler,), {"shelf": shelf})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield shelf, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shelf: Shelf

    def log_message(self, *_):
        pass

    def _serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        bucket, _, key = urllib.parse.unquote(parts.path).lstrip("/").partition("/")
        self.shelf.asked.append((self.command, key, query))
        if not self._is_signed(parts, query):
            self._say(403, _error("SignatureDoesNotMatch"))
        elif bucket != BUCKET:
            self._say(404, _error("NoSuchBucket"))
        else:
            getattr(self, f"_{self.command.lower()}")(key, query, body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815 - http.server's names

    def _get(self, key, query, _):
        if not key:
            self._say(200, self._listing(query))
        elif key in self.shelf.objects:
            self._say(200, self.shelf.objects[key], ETag='"1"', **{"Last-Modified": "Sat, 21 Nov 2026 15:00:00 GMT"})
        else:
            self._say(404, _error("NoSuchKey"))

    _head = _get

    def _put(self, key, query, body):
        if "uploadId" in query:
            number = int(query["partNumber"])
            if number == self.shelf.fail_part:
                self._say(400, _error("InvalidPart"))
                return
            self.shelf.parts[query["uploadId"]][number] = body
        else:
            self._keep(key, body)
        self._say(200, ETag=f'"{hashlib.md5(body).hexdigest()}"')  # noqa: S324 - as S3 does

    def _post(self, key, query, body):
        if "delete" in query:
            gone = re.findall(r"<Key>([^<]*)</Key>", body.decode())
            for one in gone:
                self.shelf.objects.pop(one, None)
            told = "".join(f"<Deleted><Key>{one}</Key></Deleted>" for one in gone)
            self._say(200, _xml("DeleteResult", told))
            return
        if "uploads" in query:
            name = str(next(self.shelf.numbers))
            self.shelf.parts[name] = {}
            self._say(200, _xml("InitiateMultipartUploadResult", f"<UploadId>{name}</UploadId>"))
        else:
            parts = self.shelf.parts.pop(query["uploadId"])
            self._keep(key, b"".join(parts[number] for number in sorted(parts)))
            self._say(200, _xml("CompleteMultipartUploadResult", '<ETag>"1"</ETag>'))

    def _delete(self, key, query, _):
        if "uploadId" in query:
            self.shelf.parts.pop(query["uploadId"], None)
        else:
            self.shelf.objects.pop(key, None)
        self._say(204)

    def _keep(self, key, content):
        self.shelf.objects[key] = content[:-1] + b"?" if self.shelf.spoil else content

    def _listing(self, query):
        prefix, found, folders = query.get("prefix", ""), "", set()
        for key, content in sorted(self.shelf.objects.items()):
            rest = key.removeprefix(prefix)
            if key.startswith(prefix) and query.get("delimiter") == "/" and "/" in rest:
                folders.add(prefix + rest.partition("/")[0] + "/")
            elif key.startswith(prefix):
                found += (
                    f"<Contents><Key>{key}</Key><LastModified>2026-11-21T15:00:00.000Z</LastModified>"
                    f"<ETag>1</ETag><Size>{len(content)}</Size></Contents>"
                )
        common = "".join(f"<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>" for name in sorted(folders))
        return _xml("ListBucketResult", f"<IsTruncated>false</IsTruncated>{found}{common}")

    def _say(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _is_signed(self, parts, query):
        """Whether the Authorization is what the key makes of this request."""
        given = dict(pair.strip().split("=", 1) for pair in self.headers["Authorization"].partition(" ")[2].split(","))
        user, day, region, service, end = given["Credential"].split("/")
        signed = given["SignedHeaders"].split(";")
        said = {name.lower(): " ".join(value.split()) for name, value in self.headers.items()}
        asked = "&".join(
            f"{urllib.parse.quote(name, safe='-_.~')}={urllib.parse.quote(value, safe='-_.~')}"
            for name, value in sorted(query.items())
        )
        canonical = "\n".join(
            [self.command, parts.path, asked, *(f"{name}:{said[name]}" for name in signed), "", ";".join(signed),
             said["x-amz-content-sha256"]]
        )  # fmt: skip
        scope = f"{day}/{region}/{service}/{end}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{said['x-amz-date']}\n{scope}\n{digest}"
        key = f"AWS4{KEY}".encode()
        for word in (day, region, service, end):
            key = hmac.new(key, word.encode(), hashlib.sha256).digest()
        right = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return (user, region, service) == (USER, REGION, "s3") and hmac.compare_digest(right, given["Signature"])


def _error(code):
    return _xml("Error", f"<Code>{code}</Code><Message>no</Message>")


def _xml(name, inside):
    return f'<?xml version="1.0" encoding="UTF-8"?><{name}>{inside}</{name}>'.encode()
