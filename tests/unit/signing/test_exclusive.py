"""Exclusive canonicalisation, judged by libxml2 where it can do it, and by Python's own where it refuses."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from sincronizador.signing.exclusive import MOST_PREFIXES, NotXmlError, canonical, read

NAMES = st.sampled_from(["a", "b", "p:a", "q:a", "p:b"])
ATTRIBUTES = st.sampled_from(["x", "y", "p:x", "q:x", "p:y", "xml:lang"])
PREFIXES = ["xmlns", "xmlns:p", "xmlns:q", "xmlns:r"]
# libxml2 leaves a "&" in a URI as it is, so none has one; the test below has.
ANY_URI = st.dictionaries(st.sampled_from(PREFIXES), st.sampled_from(["urn:1", "urn:2", "urn:3"]))
# Python's own takes any prefix of a URI for any other, so each prefix has URIs of its own.
OWN_URI = st.lists(st.tuples(st.sampled_from(PREFIXES), st.sampled_from("12"))).map(
    lambda pairs: {prefix: f"{prefix[6:]}{n}" for prefix, n in pairs}
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters="\t\n\r"), max_size=8)


def written(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def quoted(text: str) -> str:
    return written(text).replace('"', "&quot;").replace("\t", "&#9;").replace("\n", "&#10;")


@st.composite
def elements(draw: st.DrawFn, declarations: st.SearchStrategy[dict[str, str]], depth: int = 3) -> str:
    name = draw(NAMES)
    declared = draw(declarations)
    pairs = {**declared, **draw(st.dictionaries(ATTRIBUTES, TEXTS, max_size=3))}
    inside = [written(draw(TEXTS)), draw(st.sampled_from(["", "<!-- c -->", "<![CDATA[<&]]>"]))]
    if depth:
        inside += draw(st.lists(elements(declarations, depth=depth - 1), max_size=2))
    attributes = "".join(f' {key}="{quoted(value)}"' for key, value in pairs.items())
    return f"<{name}{attributes}>{''.join(inside)}</{name}>"


@given(inside=elements(ANY_URI), prefixes=st.lists(st.sampled_from(["p", "q", "r", "nobody"]), unique=True))
@settings(max_examples=150, deadline=None)
def test_what_libxml2_canonicalises_we_do_alike(inside: str, prefixes: list[str]) -> None:
    document = f'<root xmlns:p="urn:1" xmlns:q="urn:2">{inside}</root>'.encode()
    try:
        theirs = etree.fromstring(document)
    except etree.XMLSyntaxError:
        with pytest.raises(NotXmlError):
            read(document)
        return
    expected = etree.tostring(
        theirs, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes
    )
    assert canonical(read(document), tuple(prefixes)) == expected


@given(inside=elements(OWN_URI))
@settings(max_examples=100, deadline=None)
def test_with_a_relative_namespace_we_do_as_python_itself(inside: str) -> None:
    document = f'<root xmlns:p="DGI_Modernizacion_Consolidado" xmlns:q="otra">{inside}</root>'
    try:
        ours = canonical(read(document.encode()))
    except NotXmlError:
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(document.encode())
        return
    assert ours == ET.canonicalize(document).encode()


def test_a_uri_is_escaped_as_any_attribute() -> None:
    assert canonical(read(b"<a xmlns='urn:&lt;&amp;&quot;x'/>")) == b'<a xmlns="urn:&lt;&amp;&quot;x"></a>'


def test_a_part_is_written_as_if_it_stood_alone() -> None:
    root = read(b'<r xmlns="urn:d" xmlns:u="urn:u" xmlns:p="urn:p"><p:b><c p:k="1"/></p:b></r>')
    part = root.elements()[0]
    assert canonical(part) == b'<p:b xmlns:p="urn:p"><c xmlns="urn:d" p:k="1"></c></p:b>'
    assert canonical(part, ("u", "#default")) == (
        b'<p:b xmlns="urn:d" xmlns:p="urn:p" xmlns:u="urn:u"><c p:k="1"></c></p:b>'
    )


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<a>",
        b"no",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b"<!DOCTYPE a SYSTEM 'http://127.0.0.1/x.dtd'><a/>",
        b"<a>&nadie;</a>",
        b"<a><?php x?></a>",
        b"<p:a/>",
        b'<a p:x="1"/>',
        b'<a xmlns:p=""/>',
        b'<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>',
        b'<a xmlns:xml="urn:otro"/>',
        b'<a xmlns:xmlns="urn:otro"/>',
        b'<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>',
        b'<a xmlns:p="u"><p:b:c/></a>',
        b"<a>" * 65 + b"</a>" * 65,
        ("<a " + " ".join(f'xmlns:p{n}="u{n}"' for n in range(MOST_PREFIXES)) + "/>").encode(),
        b'<?xml version="1.0" encoding="klingon"?><a/>',
    ],
)
def test_what_no_message_may_be_is_refused(document: bytes) -> None:
    with pytest.raises(NotXmlError):
        read(document)
