"""The safe XHTML of a narrative, rules txt-1 and txt-2: https://hl7.org/fhir/R4/narrative.html#safety."""

import re
from html.entities import name2codepoint
from xml.parsers import expat

XHTML = "http://www.w3.org/1999/xhtml"

ELEMENTS = frozenset(
    """
    a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1
    h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q s samp small span strike strong sub sup table tbody td tfoot
    th thead tr tt u ul var
    """.split()
)
"""Chapters 7 to 11 (without 9.4) and 15 of HTML 4.0, with <a>, <img> and image maps."""

ATTRIBUTES = frozenset(
    """
    abbr accesskey align alt axis bgcolor border cellpadding cellspacing char charoff charset cite class color
    colspan coords dir frame headers height href hreflang hspace id ismap lang longdesc name nohref nowrap
    noshade rel rev rowspan rules scope shape size span src start style summary tabindex target title type
    usemap valign value vspace width xml:lang xml:space xmlns
    """.split()
)

ADDRESSES = frozenset({"href", "src", "cite", "longdesc", "usemap"})
SCHEMES = frozenset({"http", "https", "mailto", "tel", "ftp", "urn", "cid"})
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(.*)", re.DOTALL)
PICTURE = re.compile(r"image/(?:png|jpeg|gif|webp|bmp);")
BLANKS = re.compile(r"[\x00-\x20]+")
HARMFUL_STYLE = re.compile(
    r"expression\s*\(|javascript:|behaviou?r\s*:|-moz-binding|@import|url\s*\(", re.IGNORECASE
)
NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})


class Unsafe(Exception):
    """A narrative breaks a rule; the text says where."""


def _character(match: re.Match[str]) -> str:
    name = match[1]
    return match[0] if name in XML_NAMES or name not in name2codepoint else f"&#{name2codepoint[name]};"


class _Reading:
    """One pass of the XML parser: complains at the first thing that is not allowed, and looks for content."""

    def __init__(self) -> None:
        self.depth = 0
        self.content = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self.depth == 0 and (name != "div" or attributes.get("xmlns") != XHTML):
            raise Unsafe(f'it has to be one <div xmlns="{XHTML}">')
        if name not in ELEMENTS:
            raise Unsafe(f"<{name[:30]}> is not allowed")
        for attribute, value in attributes.items():
            _check_attribute(name, attribute, value)
        self.depth += 1
        self.content = self.content or name == "img"

    def end(self, _name: str) -> None:
        self.depth -= 1

    def text(self, text: str) -> None:
        self.content = self.content or bool(text.strip())

    def forbidden(self, *_: object) -> None:
        raise Unsafe("a document type, entity or processing instruction is not allowed")


def _harmful(address: str) -> bool:
    """Whether an address has a scheme that can run something; browsers drop blanks before they read it."""
    scheme = SCHEME.match(BLANKS.sub("", address).lower())
    if not scheme or scheme[1] in SCHEMES:
        return False
    return not (scheme[1] == "data" and PICTURE.match(scheme[2]))


def _check_attribute(element: str, attribute: str, value: str) -> None:
    if attribute not in ATTRIBUTES:
        raise Unsafe(f"the attribute {attribute[:30]} of <{element}> is not allowed")
    if attribute == "xmlns" and value != XHTML:
        raise Unsafe(f"<{element}> is not in the XHTML namespace")
    if attribute in ADDRESSES and _harmful(value):
        raise Unsafe(f"the address in {attribute} of <{element}> is not allowed")
    if attribute == "style" and HARMFUL_STYLE.search(value):
        raise Unsafe(f"the style of <{element}> loads or runs something")


def faults(div: str) -> list[tuple[str, str]]:
    """The rules (txt-1 safe elements only, txt-2 some content) that a `div` breaks, each with a why."""
    reading = _Reading()
    parser = expat.ParserCreate(encoding="utf-8")
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = reading.forbidden
    parser.ProcessingInstructionHandler = reading.forbidden
    try:
        parser.Parse(NAMED.sub(_character, div).encode(), True)
    except Unsafe as unsafe:
        return [("txt-1", str(unsafe))]
    except (expat.ExpatError, UnicodeError) as broken:
        return [("txt-1", f"it is not well-formed XML ({broken})")]
    return [] if reading.content else [("txt-2", "it has no text and no image")]
