"""The templates of a site's mails: what each looks like, and the site's own texts in place of the built-in ones."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from parley.mail import overrides
from parley.mail.languages import Language
from parley.mail.overrides import CannotKeep, Kept, Problem
from parley.mail.previews import names, preview
from parley.mail.rendering import Rendered, site_folder
from parley.mail.viewing import parts_of
from parley.services.mail_desk import logged
from parley.services.site_changes import Difference
from parley.web.console.admin_fields import author_of
from parley.web.console.admin_mail import FRAMED, FRAMING, framed
from parley.web.console.mail_words import GROUPS, SHARED, problem_words, words_of
from parley.web.console.shell import ConsoleCall, administers
from parley.web.render import PRIVATE, SAFETY
from parley.web.words import said

PLACE: Final = "admin/templates"
#: The mail that shows a shared file best.
_TELLING: Final = "session_invitation"
#: Lines of a difference that are shown, and characters of one.
_LINES: Final = 600
_LETTERS: Final = 300


@lru_cache(maxsize=1)
def _checker() -> ThreadPoolExecutor:
    """Checking takes up to a second of a core; one at a time leaves the process to requests."""
    return ThreadPoolExecutor(1, "templates")


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def _data(console: ConsoleCall) -> Path:
    return Path(console.application.config.data)


def _folder(console: ConsoleCall) -> Path | None:
    return site_folder(_data(console), console.site.name)


async def all_page(console: ConsoleCall) -> Response:
    """All mails and files."""
    own = await asyncio.to_thread(overrides.own_names, _data(console), console.site.name)
    return console.show("admin_templates.html", place=PLACE, groups=GROUPS, shared=SHARED, own=own)


# ---- what mails look like ------------------------------------------------------------------------------------


def _language(console: ConsoleCall) -> Language:
    """The language that was asked for, else the reader's where mails are written in it, else English."""
    known = {each.locale.language: each for each in overrides.languages()}
    found = known.get(console.text("LANGUAGE")) or known.get(console.language.locale.language)
    return found or overrides.languages()[0]


def _languages() -> list[tuple[str, str]]:
    """The languages that mails are written in, by their own names."""
    found = [
        (each.locale.language, each.locale.get_language_name(each.locale.language)) for each in overrides.languages()
    ]
    return [(tag, (name or tag).capitalize()) for tag, name in found]


def _mail_name(console: ConsoleCall) -> str:
    """The mail that the address names.

    Raises:
        HTTPException: 404, there is none.
    """
    name: str = console.call.request.path_params["name"]
    if name not in names():
        raise HTTPException(404)
    return name


async def _example(console: ConsoleCall, name: str, words: Language) -> EmailMessage:
    return await asyncio.to_thread(preview, console.application, console.site, name, words.tag)


async def mail_page(console: ConsoleCall) -> Response:
    """A mail filled with an example."""
    name, words = _mail_name(console), _language(console)
    mail = await _example(console, name, words)
    response = console.show(
        "admin_template_mail.html",
        place=PLACE,
        name=name,
        words=words_of(name),
        subject=str(mail["Subject"]),
        parts=parts_of(mail),
        language=words.locale.language,
        languages=_languages(),
        files=overrides.files_of(name),
        frames=[each for each in SHARED if not each.startswith("_")],
        own=await asyncio.to_thread(overrides.own_names, _data(console), console.site.name),
    )
    response.headers.update(FRAMING)
    return response


async def mail_html_page(console: ConsoleCall) -> Response:
    """The HTML of a mail filled with an example, as a page for the frame."""
    page = parts_of(await _example(console, _mail_name(console), _language(console))).html
    if page is None:
        raise HTTPException(404)
    return framed(page)


# ---- files ---------------------------------------------------------------------------------------------------


async def _kept(console: ConsoleCall) -> Kept:
    """The file that the address names.

    Raises:
        HTTPException: 404, there is none.
    """
    name = console.call.request.path_params["name"]
    try:
        return await asyncio.to_thread(overrides.kept, _data(console), console.site.name, name)
    except LookupError:
        raise HTTPException(404) from None


async def file_page(console: ConsoleCall) -> Response:
    """One file (GET); check, keep or reset it (POST)."""
    kept = await _kept(console)
    if not console.posted:
        return _shown(console, kept, kept.text)
    wish = console.text("DO")
    if wish == "reset":
        return await _reset(console, kept)
    if wish not in ("check", "save"):
        raise HTTPException(400)
    text = overrides.cleaned(console.values.get("TEXT"))
    problems = await _checked(console, kept.name, text)
    if problems:
        return _shown(console, kept, text, 400, problems=problems)
    if wish == "check":
        return _shown(console, kept, text, rendered=await _tried(console, kept.name, text))
    return await _save(console, kept, text)


async def _checked(console: ConsoleCall, name: str, text: str) -> list[Problem]:
    work = partial(overrides.check, console.site, console.application.links, _data(console), name, text)
    return await asyncio.get_running_loop().run_in_executor(_checker(), work)


def _mail_of(console: ConsoleCall, name: str) -> str:
    """The mail that shows a file: the one that was asked for, else the first that uses it."""
    using = overrides.mails_of(name)
    asked = console.text("MAIL")
    return asked if asked in using else _TELLING if _TELLING in using else using[0]


async def _tried(console: ConsoleCall, name: str, text: str) -> Rendered:
    """A mail with a text that was checked in the place of a file."""
    return await asyncio.to_thread(
        overrides.tried,
        console.site,
        console.application.links,
        _folder(console),
        name,
        text,
        _mail_of(console, name),
        _language(console),
    )


async def _save(console: ConsoleCall, kept: Kept, text: str) -> Response:
    """Keep a text that was checked."""
    kept = await _kept(console)  # checking takes its time, in which others may have saved
    if console.text("SEEN") != kept.mark:
        wrong = _("Somebody changed the file after you opened it. Compare before you save again.")
        return _shown(console, kept, text, 409, wrong=wrong)
    below = f"{PLACE}/files/{kept.name}"
    if text == kept.text and not kept.unreadable:
        return console.go(below, "unchanged")
    if text == kept.built_in:
        return await _reset(console, kept)
    try:
        await _write(console, kept, text)
    except CannotKeep:
        return _shown(console, kept, text, 500, wrong=_CANNOT)
    return console.go(below, "template-saved")


async def _write(console: ConsoleCall, kept: Kept, text: str) -> None:
    """Write the file, and what was done into the audit log; the file gets its place when the log has it.

    Raises:
        CannotKeep: it cannot be written.
    """
    data, name = _data(console), console.site.name
    part = await asyncio.to_thread(overrides.write_part, data, name, kept.name, text)
    try:
        await _log(console, kept, f"{len(text)} characters")
        await asyncio.to_thread(overrides.put_in_place, part, kept.name)
    finally:
        await asyncio.to_thread(part.unlink, missing_ok=True)


async def _reset(console: ConsoleCall, kept: Kept) -> Response:
    """Take the site's own text away."""
    below = f"{PLACE}/files/{kept.name}"
    if kept.own is None:
        return console.go(below, "unchanged")
    try:
        await asyncio.to_thread(overrides.reset, _data(console), console.site.name, kept.name)
    except CannotKeep:
        return _shown(console, kept, kept.text, 500, wrong=_CANNOT)
    await _log(console, kept, None)
    return console.go(below, "template-reset")


async def _log(console: ConsoleCall, kept: Kept, after: str | None) -> None:
    before = None if kept.own is None else f"{len(kept.own)} characters"
    found = [Difference(f"mail_template.{kept.name}", before, after)]
    await logged(console.application.engine, console.site.site_id, found, author_of(console), console.now)


_CANNOT: Final = _("The data folder of the server cannot be written to, so nothing was kept.")


def _shown(
    console: ConsoleCall,
    kept: Kept,
    text: str,
    status: int = 200,
    *,
    problems: list[Problem] | None = None,
    rendered: Rendered | None = None,
    wrong: str | None = None,
) -> Response:
    using = overrides.mails_of(kept.name)
    response = console.show(
        "admin_template_file.html",
        status,
        place=PLACE,
        kept=kept,
        text=text,
        what=SHARED.get(kept.name) or words_of(kept.name.removesuffix(".mail")).sent,
        mails=[(each, words_of(each).name) for each in using],
        mail=_mail_of(console, kept.name),
        language=_language(console).locale.language,
        languages=_languages(),
        most=overrides.MOST,
        problems=[
            (each.line, problem_words(each), words_of(each.mail).name if each.mail else "") for each in problems or ()
        ],
        rendered=rendered,
        wrong=wrong,
        may_change=administers(console.user),
        has_folder=_folder(console) is not None,
    )
    response.headers.update(FRAMING)
    return response


async def file_html_page(console: ConsoleCall) -> Response:
    """The HTML of a mail with the text of a form in the place of a file, for the frame beside the form."""
    kept = await _kept(console)
    text = overrides.cleaned(console.values.get("TEXT"))
    problems = await _checked(console, kept.name, text)
    if problems:
        lines = [
            said(_("Line %(line)s: %(problem)s"), line=each.line or "?", problem=problem_words(each))
            for each in problems
        ]
        return PlainTextResponse("\n".join(lines), 400, headers=FRAMED)
    return framed((await _tried(console, kept.name, text)).html)


async def difference_page(console: ConsoleCall) -> Response:
    """What a site's own text of a file has otherwise than the built-in one."""
    kept = await _kept(console)
    lines = overrides.difference(kept.built_in, kept.text)
    return console.show(
        "admin_template_difference.html",
        place=PLACE,
        kept=kept,
        lines=[line[:_LETTERS] for line in lines[:_LINES]],
        more=len(lines) > _LINES,
    )


async def built_in_page(console: ConsoleCall) -> Response:
    """The built-in text of a file."""
    kept = await _kept(console)
    return PlainTextResponse(kept.built_in, headers={**SAFETY, **PRIVATE})
