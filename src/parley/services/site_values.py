"""Other values for a site by the names that `parley site show` prints, as the command line and the console set them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from parley.domain.passwords import LONGEST_FORBIDDEN, MOST_FORBIDDEN, is_possible
from parley.domain.site import CRITERIA_LENGTHS, Site
from parley.services.new_site import SiteError, level_text
from parley.services.site_changes import plain

#: Columns of a site that can be set, beside its settings.
COLUMNS: Final = ("level", "partner_id", "active", "suspended")
#: Columns and settings that are texts even when they look like numbers.
_TEXTS: Final = ("level", "partner_id")


def with_texts(site: Site, wanted: Mapping[str, str]) -> Site:
    """The site with other values; those that are JSON are read as such, all else is text.

    Args:
        wanted: by names such as `level` and `rate_limits.mode`.

    Raises:
        SiteError: an unknown name, or a value that does not fit.
    """
    return with_values(site, {name: _read(name, text) for name, text in wanted.items()})


def with_values(site: Site, wanted: Mapping[str, Any]) -> Site:
    """The site with other values, as msgspec converts them.

    Args:
        wanted: by names such as `level` and `rate_limits.mode`.

    Raises:
        SiteError: an unknown name, or a value that does not fit.
    """
    values = plain(site)
    for name, value in wanted.items():
        _put(values, values if name in COLUMNS else values["settings"], name, value)
    try:
        changed = msgspec.convert(values, Site, strict=False)
    except msgspec.ValidationError as error:
        raise SiteError(f"a value does not fit: {error}") from None
    changed.level = level_text(changed.level)
    _check_certificates(site, changed)
    _check_criteria(site, changed)
    return changed


def _read(name: str, text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, int | float) and name.rpartition(".")[2] in _TEXTS else value


def _put(values: dict[str, Any], inside: dict[str, Any], name: str, value: Any) -> None:
    *groups, last = name.split(".")
    for group in groups:
        inner = inside.get(group)
        inside = inner if isinstance(inner, dict) else {}
    if isinstance(inside.get(last, {}), dict):
        raise SiteError(f"a site has no setting {name[:80]!r}: see `parley site show {values['name']}`")
    inside[last] = plain(value)


def _check_criteria(before: Site, after: Site) -> None:
    """Refuse new password criteria that no password can keep."""
    for name, longest in CRITERIA_LENGTHS.items():
        rules = getattr(after.settings, name)
        if rules == getattr(before.settings, name):
            continue
        if not is_possible(rules, longest):
            raise SiteError(f"{name}: no password of at most {longest} characters can be so")
        if len(rules.disallowed) > MOST_FORBIDDEN or any(len(each) > LONGEST_FORBIDDEN for each in rules.disallowed):
            raise SiteError(
                f"{name}: at most {MOST_FORBIDDEN} passwords of at most {LONGEST_FORBIDDEN} characters can be forbidden"
            )


def _check_certificates(before: Site, after: Site) -> None:
    """Read new certificates; the library for that is only loaded when there are some."""
    new = set(after.settings.saml.certificates) - set(before.settings.saml.certificates)
    if new:
        from parley.services.identity.certificates import check_certificate

        for each in new:
            check_certificate(each)
