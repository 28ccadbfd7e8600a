"""A page as a browser's parser sees it."""

from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Page:
    """What is in it."""

    attributes: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    """Element -> the attributes of each."""
    styles: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._inside = ""

    def handle_starttag(self, tag, attrs):
        self._inside = tag
        assert len(dict(attrs)) == len(attrs)
        self.page.attributes[tag].append({name: value or "" for name, value in attrs})

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside in ("style", "script"):
            getattr(self.page, f"{self._inside}s").append(data)
        else:
            self.page.text += data + "\n"

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")


def read_page(content):
    """Of its bytes or its text."""
    reader = _Reader()
    reader.feed(content.decode() if isinstance(content, bytes) else content)
    reader.close()
    return reader.page
