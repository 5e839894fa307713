"""Templates of mails, and those that a site puts in their place.

A mail is one template, which is filled three times: for the subject, for the plain text and for HTML. Its words stand
in it once; how headings, facts and buttons look in each form is in `layout.*` and `parts.*`. A site overrides any of
these files by one of the same name in DATA/sites/SITE/mail (`parley.mail.overrides` keeps them). What stands there runs
in a sandbox with bounded work, and when it cannot be filled the mail goes out as the built-in templates make it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import structlog
from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined, Template, TemplateNotFound
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context
from markupsafe import Markup, escape

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
#: What filling a site's template may cost: each macro or block that is called and each file that is used costs one, and
#: one more for so many characters that it gives. The built-in ones need some hundreds.
_MOST_WORK: Final = 20_000
_LETTERS_OF_ONE: Final = 100
#: Characters that a text may have that a macro is called with, and seconds of a core for all three forms; between two
#: calls a template can do little, but it can do it often.
_LONGEST_ARGUMENT: Final = 50_000
_MOST_SECONDS: Final = 1.0

#: Values of mails that are secret as such, and those that are links of which some are good for one person only.
SECRET_VALUES: Final = frozenset({"password", "phone_password", "host_key", "register_id"})
LINK_VALUES: Final = frozenset({"link", "feedback_link"})
#: Attributes of HTML that make a mail reader load something, or lead somewhere.
_LEADING: Final = frozenset(
    {"href", "src", "srcset", "background", "action", "formaction", "poster", "data", "ping", "cite", "content"}
)
_LOADS: Final = re.compile(r"url\s*\(|@import", re.IGNORECASE)
#: Shorter secrets stand in addresses by chance.
_SHORTEST_SECRET: Final = 4

_work_left: ContextVar[_Work | None] = ContextVar("work that filling a template may still do", default=None)

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
            rendered = _rendered(name, language, values, folder)
            if carries_out(rendered.html, values):
                raise CarriedOut("a secret stands in an address")
            return rendered
        except Exception as error:  # whatever is wrong with a site's template, its mails must go out
            _log.warning("a site's mail template cannot be used", folder=str(folder), mail=name, error=repr(error))
    return _rendered(name, language, values, None)


def render_tried(
    name: str, language: Language, values: Mapping[str, object], folder: Path | None, tried: Tried
) -> Rendered:
    """Fill a mail's template with a file as it would be if somebody kept it.

    Raises:
        Exception: whatever is wrong with the template.
    """
    return _rendered(name, language, values, folder, tried)


def _rendered(
    name: str, language: Language, values: Mapping[str, object], folder: Path | None, tried: Tried | None = None
) -> Rendered:
    def filled(form: str, values: Mapping[str, object]) -> str:
        escaped = form == "html"
        environment = _environment(folder, escaped) if tried is None else tried.environment(folder, escaped)
        return _filled(environment, name, form, language, values)

    own = _work_left.set(_Work() if folder is not None or tried is not None else None)
    try:
        subject = header_line(filled("subject", values), _LONGEST_SUBJECT)
        if not subject:
            raise EmptySubject("the subject is empty")
        known = {**values, "subject": subject}
        text = "\n".join(line.rstrip() for line in filled("text", known).split("\n"))
        return Rendered(subject, f"{_BLANK_LINES.sub(_PARAGRAPH, text).strip()}\n", filled("html", known))
    finally:
        _work_left.reset(own)


_PARAGRAPH: Final = "\n\n"


def carries_out(page: str, values: Mapping[str, object]) -> bool:
    """Whether the HTML of a mail has secrets in addresses, which would tell them to whoever gets asked there.

    A link may stand in one place: as an address by itself.

    Args:
        values: what the mail was filled with.
    """
    root = values.get("site_url")
    links = {str(values[name]) for name in LINK_VALUES if values.get(name) not in (None, "", root)}
    told = {str(values[name]) for name in SECRET_VALUES if values.get(name)} | links
    secrets = [each.casefold() for each in told if len(each) >= _SHORTEST_SECRET]
    if not secrets:
        return False
    from lxml import html as lxml_html  # for sites with templates of their own only

    for element in lxml_html.document_fromstring(page).iter():
        if not isinstance(element.tag, str):
            continue
        addresses = [value for name, value in element.attrib.items() if name in _LEADING]
        addresses += [value for value in (element.get("style"), element.text) if value and _LOADS.search(value)]
        for address in addresses:
            found = address.strip()
            if found not in links and any(secret in found.casefold() for secret in secrets):
                return True
    return False


class CarriedOut(ValueError):
    """A template that puts secrets into addresses."""


class EmptySubject(ValueError):
    """A template that leaves a mail without a subject."""


class TooMuchWork(RuntimeError):
    """A template of a site that calls itself, or others, beyond all measure."""


def _filled(environment: Environment, name: str, form: str, language: Language, values: Mapping[str, object]) -> str:
    layout, parts = _FORMS[form]
    found = environment.get_template(f"{name}.mail").render(
        **values,
        _=translator(language),
        layout=layout,
        parts_of_form=parts,
        form=form,
        language=language,
    )
    _spend(len(found) // _LETTERS_OF_ONE)
    return found


def translator(language: Language) -> Callable[..., str]:
    """What templates call as `_`: texts in a language, with values for their names."""

    @pass_context
    def translate(context: Context, text: str, /, **values: Any) -> str:
        """A text in the reader's language, with values for its %(names)s, escaped where the form is HTML."""
        words = language.translate(text)
        if not context.eval_ctx.autoescape:
            return words % values if values else words
        safe = escape(words)
        return safe % values if values else safe

    return translate


class _Bounded(ImmutableSandboxedEnvironment):
    """A sandbox in which calls are counted, so that no template keeps a process busy."""

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a macro, a block, a function or a method."""
        for each in (*args, *kwargs.values()):
            if isinstance(each, str):
                if len(each) > _LONGEST_ARGUMENT:
                    raise TooMuchWork("the template calls a macro with a text beyond all measure")
                _spend(len(each) // _LETTERS_OF_ONE)
        found = super().call(context, obj, *args, **kwargs)
        _spend(1 + (len(found) // _LETTERS_OF_ONE if isinstance(found, str) else 0))
        return found

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:  # noqa: A002
        """A template that is filled, or that another one builds on."""
        _spend(1)
        return super().get_template(name, parent, globals)


class _Work:
    """What filling a mail may still cost."""

    def __init__(self) -> None:
        self._left = _MOST_WORK
        self._until = time.thread_time() + _MOST_SECONDS

    def spend(self, work: int) -> None:
        """Take off what was done.

        Raises:
            TooMuchWork: it was too much.
        """
        self._left -= work
        if self._left < 0 or time.thread_time() > self._until:
            raise TooMuchWork("the template does too much")


def _spend(work: int) -> None:
    left = _work_left.get()
    if left is not None:
        left.spend(work)


class Tried:
    """A file as it would be if somebody kept it; filled without being kept.

    Args:
        name: of the file.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._made: dict[bool, Environment] = {}

    def environment(self, folder: Path | None, autoescape: bool) -> Environment:
        """The environment that has the file in its place, and a site's own ones for the others."""
        if autoescape not in self._made:
            self._made[autoescape] = _made(_Files(folder, self), autoescape)
        return self._made[autoescape]


class _Files(BaseLoader):
    """The files of a site before those of Parley; notices when a site gets one, changes it or takes it away."""

    def __init__(self, folder: Path | None, tried: Tried | None = None) -> None:
        self._folder = folder
        self._tried = tried
        self._places = [FileSystemLoader(path) for path in (folder, TEMPLATES) if path is not None]

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool]]:
        """The text of a file, its name, and what says whether it is still so."""
        if self._tried is not None and self._tried.name == template:
            return self._tried.text, template, lambda: True
        own = self._folder / template if self._folder is not None else None
        before = _stamp(own)  # before the text is read: what is written meanwhile is read again
        for place in self._places:
            try:
                text, name, _ = place.get_source(environment, template)
            except TemplateNotFound:
                continue
            return text, name, lambda: _stamp(own) == before
        raise TemplateNotFound(template)


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    """What tells whether a file was changed; None where there is none."""
    try:
        found = path.stat() if path is not None else None
    except (OSError, ValueError):
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size, found.st_ino)


@lru_cache(maxsize=1024)
def _environment(folder: Path | None, autoescape: bool) -> Environment:
    return _made(_Files(folder), autoescape, auto_reload=folder is not None)


def _made(loader: BaseLoader, autoescape: bool, *, auto_reload: bool = False) -> Environment:
    environment = _Bounded(
        loader=loader,
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=auto_reload,
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
