"""Where backups lie: the same promises of a folder and of a bucket; what is said of one that does not keep them."""

import os

import pytest
from s3_server import BUCKET, KEY, USER, s3_server

from sincronizador.errors import NeedsOperator, Unavailable
from sincronizador.storage import Bucket, Folder


def bucket(address, where=f"s3://{BUCKET}/tienda/s01", key=KEY):
    return Bucket(where, user=USER, key=key.encode, server=address)


@pytest.fixture(scope="module")
def server():
    """An S3; a real one of somebody else's by the environment: SINCRONIZADOR_S3=http://127.0.0.1:5555."""
    with s3_server() as (shelf, address):
        yield shelf, address


@pytest.fixture
def shelf(server):
    shelf, _ = server
    shelf.__init__()
    return shelf


@pytest.fixture(params=["folder", "bucket", "strange"])
def storage(request, tmp_path, server, shelf):
    if request.param == "folder":
        return Folder(str(tmp_path / "lejos"))
    if request.param == "bucket":
        return bucket(server[1])
    if "SINCRONIZADOR_S3" not in os.environ:
        pytest.skip("set SINCRONIZADOR_S3 to the address of an S3 that has the bucket and the keys of s3_server.py")
    return bucket(os.environ["SINCRONIZADOR_S3"], f"s3://{BUCKET}/{tmp_path.name}")


def put(storage, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    return storage.put(str(tmp_path / name))


@pytest.mark.parametrize("size", [0, 1, 33 << 20], ids=["nothing", "a byte", "in parts"])
def test_what_is_put_is_listed_and_comes_back_as_it_was(storage, tmp_path, size):
    content = os.urandom(size)
    where = put(storage, tmp_path, "respaldo-1.zip", content)
    assert where.endswith("/respaldo-1.zip")
    assert [(one.name, one.size) for one in storage.listed()] == [("respaldo-1.zip", size)]
    storage.fetch("respaldo-1.zip", str(tmp_path / "vuelto.zip"))
    assert (tmp_path / "vuelto.zip").read_bytes() == content
    storage.remove("respaldo-1.zip")
    storage.remove("respaldo-1.zip")
    assert storage.listed() == []


def test_a_prefix_shows_what_is_its_own(server, shelf, tmp_path):
    one, two = bucket(server[1]), bucket(server[1], f"s3://{BUCKET}/tienda")
    put(one, tmp_path, "a.zip", b"1")
    put(two, tmp_path, "b.zip", b"2")
    assert sorted(shelf.objects) == ["tienda/b.zip", "tienda/s01/a.zip"]
    assert ([each.name for each in one.listed()], [each.name for each in two.listed()]) == (["a.zip"], ["b.zip"])


def test_what_is_stored_otherwise_is_told_and_taken_away(server, shelf, tmp_path):
    shelf.spoil = True
    with pytest.raises(NeedsOperator, match="no es lo que se había escrito") as caught:
        put(bucket(server[1]), tmp_path, "a.zip", b"123")
    assert (caught.value.code, shelf.objects) == ("E9277", {})


def test_of_an_upload_that_breaks_nothing_is_seen_and_no_part_stays(server, shelf, tmp_path):
    shelf.fail_part = 2
    with pytest.raises(NeedsOperator, match="InvalidPart"):
        put(bucket(server[1]), tmp_path, "a.zip", os.urandom(33 << 20))
    assert (shelf.objects, shelf.parts) == ({}, {})


@pytest.mark.parametrize(
    ("where", "key", "said"),
    [
        (f"s3://{BUCKET}/x", "otra", "contestó 403 SignatureDoesNotMatch"),
        ("s3://no-esta/x", KEY, "contestó 404 NoSuchBucket"),
    ],
)
def test_who_is_not_let_in_is_told_what_to_look_at(server, shelf, tmp_path, where, key, said):
    for act in (lambda one: one.listed(), lambda one: put(one, tmp_path, "a.zip", b"1")):
        with pytest.raises(NeedsOperator, match=said) as caught:
            act(bucket(server[1], where, key))
        assert caught.value.code == "E9275"
        assert "s3_clave" in str(caught.value)


def test_what_is_not_there_and_who_does_not_answer(server, shelf, tmp_path, monkeypatch):
    with pytest.raises(NeedsOperator, match="NoSuchKey"):
        bucket(server[1]).fetch("no.zip", str(tmp_path / "no.zip"))
    assert not (tmp_path / "no.zip").exists()
    with pytest.raises(Unavailable, match="no contesta") as caught:
        bucket("http://127.0.0.1:1").listed()
    assert caught.value.code == "E9274"


def test_a_folder_shows_no_half_file_and_says_which_disk(tmp_path):
    (tmp_path / "no").write_bytes(b"")
    with pytest.raises(NeedsOperator, match="no"):
        put(Folder(str(tmp_path / "no" / "lejos")), tmp_path, "a.zip", b"1")
