"""Whom the mails of a site come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from parley.domain.site import Site
from parley.services.links import Links

if TYPE_CHECKING:
    from parley.config import Config


class Sender(NamedTuple):
    """The name and the address in From; the address is the sender of the envelope too."""

    name: str
    address: str


def sender_of(config: Config, site: Site) -> Sender:
    """The sender of a site's mails: the site's own, else the server's, else one at the host that links lead to."""
    settings = site.settings
    address = settings.mail_sender or config.mail_sender or f"parley@{Links(config.base_url).host_name(site.name)}"
    return Sender(settings.mail_sender_name or site.name, address)
