"""Documents as people may look at them: passwords, tickets and keys replaced by stars.

Works on any text, well-formed or not, so that nothing secret shows because of a mistake in a document. What makes an
element secret is its name, whatever its prefix and wherever it stands.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

#: Takes the place of what is secret.
STARS: Final = "********"

#: Names that end like this hold secrets ...
_ENDS: Final = r"(?:password|pwd|passcode|token|ticket|secret|hintanswer|samlresponse|hostkey|hostpin|accesscode)"
#: ... unless they only say whether something needs one.
_WHETHER: Final = r"(?!(?:is|enforce|exclude|reset|force|require|strict|allmeetings)[a-z])"
_ELEMENT: Final = re.compile(
    rf"(<(?:[\w.-]{{1,40}}:)?({_WHETHER}[\w.-]{{0,40}}?{_ENDS})(?:\s[^<>]*)?(?<!/)>)(.*?)(</(?:[\w.-]{{1,40}}:)?\2\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
#: Parameters of links that sign somebody in or open something.
_PARAMETER: Final = re.compile(r"([?&;](?:PW|PWD|WPW|NPW|TK|PASSWORD|TICKET|TOKEN)=)[^&<>\"'\s]+", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))


def masked(document: str | bytes) -> str:
    """A document with stars for what is secret; elements that are empty stay so."""
    text = document if isinstance(document, str) else readable(document)
    text = _ELEMENT.sub(lambda found: f"{found[1]}{STARS if found[3].strip() else found[3]}{found[4]}", text)
    return _PARAMETER.sub(rf"\1{STARS}", text)


def readable(document: bytes) -> str:
    """The text of a document by its marks or its declaration, else as UTF-8; what cannot be read is replaced."""
    encoding = next((name for mark, name in _MARKS if document.startswith(mark)), None)
    if encoding is None:
        declared = _DECLARED.match(document)
        encoding = declared[1].decode("ascii") if declared else "utf-8"
    try:
        codecs.lookup(encoding)
        return document.decode(encoding, "replace")
    except (LookupError, ValueError):
        return document.decode("utf-8", "replace")
