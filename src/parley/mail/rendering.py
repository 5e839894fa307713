"""Templates of mails, and those that a site puts in their place.

A mail is one template, which is filled three times: for the subject, for the plain text and for HTML. Its words stand
in it once; how headings, facts and buttons look in each form is in `layout.*` and `parts.*`. A site overrides any of
these files by one of the same name in DATA/sites/SITE/mail. What stands there runs in a sandbox, and when it cannot
be filled the mail goes out as the built-in templates make it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import structlog
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context
from markupsafe import Markup

from parley.mail.languages import Language
from parley.mail.texts import header_line, isolated

TEMPLATES: Final = Path(__file__).parent / "templates"

#: The forms of a mail: the layout that its template extends, and the parts that it is made of.
_FORMS: Final = {
    "subject": ("layout.subject", "parts.txt"),
    "text": ("layout.txt", "parts.txt"),
    "html": ("layout.html", "parts.html"),
}
_SITE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")
_BLANK_LINES: Final = re.compile(r"\n{3,}")
_LONGEST_SUBJECT: Final = 250

_log = structlog.get_logger("parley.mail")


class Rendered(NamedTuple):
    """A mail's words in their three forms."""

    subject: str
    text: str
    html: str


def template_names() -> list[str]:
    """The names of all mails, without the ending."""
    return sorted(path.stem for path in TEMPLATES.glob("*.mail") if not path.stem.startswith("_"))


def site_folder(data: Path, site: str) -> Path | None:
    """Where a site keeps templates of its own; None when its name cannot be one of a folder."""
    return data / "sites" / site / "mail" if _SITE_NAME.fullmatch(site) else None


def render(name: str, language: Language, values: Mapping[str, object], folder: Path | None = None) -> Rendered:
    """Fill a mail's template.

    Args:
        name: one of `template_names`.
        values: what the template names; a name that it does not find is an error.
        folder: the site's own templates, see `site_folder`.
    """
    if folder is not None and folder.is_dir():
        try:
            return _rendered(name, language, values, folder)
        except Exception as error:  # whatever is wrong with a site's template, its mails must go out
            _log.warning("a site's mail template cannot be used", folder=str(folder), mail=name, error=repr(error))
    return _rendered(name, language, values, None)


def _rendered(name: str, language: Language, values: Mapping[str, object], folder: Path | None) -> Rendered:
    subject = header_line(_filled(name, "subject", language, values, folder), _LONGEST_SUBJECT)
    if not subject:
        raise ValueError("the subject is empty")
    known = {**values, "subject": subject}
    text = "\n".join(line.rstrip() for line in _filled(name, "text", language, known, folder).split("\n"))
    return Rendered(
        subject,
        f"{_BLANK_LINES.sub(_PARAGRAPH, text).strip()}\n",
        _filled(name, "html", language, known, folder),
    )


_PARAGRAPH: Final = "\n\n"


def _filled(name: str, form: str, language: Language, values: Mapping[str, object], folder: Path | None) -> str:
    layout, parts = _FORMS[form]
    template = _environment(folder, form == "html").get_template(f"{name}.mail")
    return template.render(
        **values,
        _=translator(language),
        layout=layout,
        parts_of_form=parts,
        form=form,
        language=language,
    )


def translator(language: Language) -> Callable[..., str]:
    """What templates call as `_`: texts in a language, with values for their names."""

    @pass_context
    def translate(context: Context, text: str, /, **values: Any) -> str:
        """A text in the reader's language, with values for its %(names)s, escaped where the form is HTML."""
        words = language.translate(text)
        if not context.eval_ctx.autoescape:
            return words % values if values else words
        safe = Markup(words)  # noqa: S704 - texts of ours; the values are escaped
        return safe % values if values else safe

    return translate


@lru_cache(maxsize=1024)
def _environment(folder: Path | None, autoescape: bool) -> ImmutableSandboxedEnvironment:
    loaders = [FileSystemLoader(path) for path in (folder, TEMPLATES) if path is not None]
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=folder is not None,
    )
    environment.filters["tight"] = _tight
    environment.filters["apart"] = _span if autoescape else _isolated
    return environment


def _tight(text: str) -> str:
    """A text without its empty lines."""
    return "\n".join(line for line in text.split("\n") if line.strip())


def _span(value: object) -> Markup:
    """A value from outside within a sentence: its direction is its own."""
    return Markup('<span dir="auto">{}</span>').format(value)


def _isolated(value: object) -> str:
    return isolated(str(value))
