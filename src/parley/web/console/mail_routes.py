"""The addresses of the pages about mails, whose modules are loaded when somebody first opens one.

They make mails, which takes templates, calendars and languages; a server that nobody asks for such a page is up and
stays small without them.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.web.console.shell import ConsoleCall, Page, Shell

#: More than the text of a template may have, so that too long a one is seen to be that.
_LONGEST: Final = 20_000
_BOTH: Final = ("GET", "POST")


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of both areas: the outbox, and the templates."""
    files = "/admin/templates/files/{name}"
    return [
        shell.page("/admin/mail", _late("admin_mail", "outbox_page"), admins=True),
        shell.page("/admin/mail/test", _late("admin_mail", "test_page"), ("POST",), admins=True),
        shell.page("/admin/mail/{number}", _late("admin_mail", "mail_page"), _BOTH, admins=True),
        shell.page("/admin/mail/{number}/html", _late("admin_mail", "html_page"), admins=True),
        shell.page("/admin/mail/{number}/eml", _late("admin_mail", "eml_page"), admins=True),
        shell.page("/admin/mail/{number}/ics", _late("admin_mail", "ics_page"), admins=True),
        shell.page("/admin/templates", _late("admin_templates", "all_page"), admins=True),
        shell.page("/admin/templates/mails/{name}", _late("admin_templates", "mail_page"), admins=True),
        shell.page("/admin/templates/mails/{name}/html", _late("admin_templates", "mail_html_page"), admins=True),
        shell.page(files, _late("admin_templates", "file_page"), _BOTH, admins=True, longest=_LONGEST),
        shell.page(
            f"{files}/html", _late("admin_templates", "file_html_page"), ("POST",), admins=True, longest=_LONGEST
        ),
        shell.page(f"{files}/difference", _late("admin_templates", "difference_page"), admins=True),
        shell.page(f"{files}/built-in", _late("admin_templates", "built_in_page"), admins=True),
    ]


def _late(module: str, name: str) -> Page:
    """A page of a module that is loaded with the first request for one."""

    async def page(console: ConsoleCall) -> Response:
        loaded = await asyncio.to_thread(import_module, f"parley.web.console.{module}")
        response: Response = await getattr(loaded, name)(console)
        return response

    return page
