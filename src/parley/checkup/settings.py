"""The settings: names that do nothing, values that contradict each other, secrets that others may read."""

from __future__ import annotations

import difflib
import ipaddress
import os
import stat
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from parley.checkup.findings import Area, Report, Setup
from parley.config import Config

#: Variables that begin as those of settings do and are none.
_OTHERS: Final = frozenset({"PARLEY_CONFIG", "PARLEY_PASSWORD", "PARLEY_PYTHON", "PARLEY_SANDBOX_TOKEN"})
#: Where containers get their secrets; nobody but the container sees the folder.
_MOUNTED: Final = Path("/run/secrets")
_WAYS_IN: Final = ("smtp", "database", "database_replicas", "metrics_token")
_WAYS_TO_MEDIA: Final = ("turn_secret", "janus_secret", "janus_admin_key")


def variables(setup: Setup, report: Report) -> None:
    """Whether all variables PARLEY_... are settings."""
    known = {f"PARLEY_{name.upper()}" for name in Config.__struct_fields__}
    known |= {f"{name}_FILE" for name in known} | _OTHERS
    strange = sorted(name for name in setup.environment if name.startswith("PARLEY_") and name not in known)
    plain = sorted(name.removeprefix("PARLEY_") for name in known)
    for name in strange:
        # Without what all of them begin with, which would make any two of them alike.
        near = difflib.get_close_matches(name.removeprefix("PARLEY_"), plain, 1)
        hint = f"did you mean PARLEY_{near[0]}?" if near else "take it away; docs/configuration.md has all settings"
        report.warn("variables", f"{name} is no setting, so it does nothing", hint)
    if not strange:
        report.ok("variables", "every variable PARLEY_... is a setting")


def public_address(setup: Setup, report: Report) -> None:
    """Whether links lead to where people can follow them."""
    config = setup.config
    if config.public_url is None:
        if _is_loopback(config.host):
            report.warn(
                "public_url",
                f"links lead to {config.base_url}, which only this machine reaches",
                "set public_url to the address that people type, such as https://meet.example.org",
            )
        else:
            report.warn(
                "public_url", f"links lead to {config.base_url}", "set public_url, and put TLS in front of the server"
            )
        return
    parts = urlsplit(config.public_url.replace("{site}", "site"))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        report.fail("public_url", f"{config.public_url} is no address", "write it as https://meet.example.org")
    elif parts.scheme == "http" and not _is_loopback(parts.hostname):
        report.warn(
            "public_url",
            "people reach the server without TLS, and their passwords can be read on the way",
            "put a web server with TLS in front, and let public_url begin with https:",
        )
    else:
        report.ok("public_url", f"links lead to {config.public_url}")


def proxy(setup: Setup, report: Report) -> None:
    """Whether what a proxy says is believed where there is one, and only there."""
    config = setup.config
    fronted = (config.public_url or "").startswith("https:")
    if fronted and not config.trust_proxy:
        report.warn(
            "trust_proxy",
            "clients all have the proxy's address, so the brake on guessing cannot tell them apart",
            "set trust_proxy, when the proxy sets X-Forwarded-For and the server is reached through it only",
        )
    elif config.trust_proxy and not _is_private(config.host):
        report.warn(
            "trust_proxy",
            f"the server listens on {config.host}, so others than the proxy may reach it",
            "listen on 127.0.0.1 or keep the port inside by a firewall",
        )
    else:
        report.ok("trust_proxy", "on" if config.trust_proxy else "off, as nobody is in front")


def contradictions(setup: Setup, report: Report) -> None:
    """Settings that do nothing, or harm, beside others."""
    config, before = setup.config, len(report.findings)
    on_file = not config.database or config.database.startswith("sqlite")
    if config.workers > 1 and on_file:
        report.warn(
            "workers",
            f"{config.workers} workers share one SQLite file, whose writes one at a time can do",
            "use PostgreSQL (database) for several workers",
        )
    if config.database_replicas and on_file:
        report.fail("database_replicas", "there are no replicas of a file", "set database, or take the replicas away")
    if config.demo:
        report.warn("demo", "the demo site is served, and its passwords are public", "switch demo off")
    if config.janus and config.janus.startswith("ws") and not config.janus_secret:
        report.warn(
            "janus_secret", "whoever reaches Janus may use it", "set api_secret in Janus, and janus_secret here"
        )
    if config.ice_servers and "turn" in config.ice_servers and not config.turn_secret:
        report.warn("turn_secret", "TURN servers are named, and browsers get no password for them", "set turn_secret")
    if config.metrics_from == "anyone" and config.metrics_token is None and config.public_url:
        report.warn(
            "metrics_from",
            "whoever reaches the server may read /metrics",
            "set metrics_token or metrics_from, or let the proxy keep /metrics inside",
        )
    if config.room_address is None and config.database_replicas:
        report.warn(
            "room_address",
            "servers on several machines would not reach each other's rooms",
            "set room_address where there is more than one machine",
        )
    if len(report.findings) == before:
        report.ok("together", "no setting contradicts another")


def secrets_of_files(setup: Setup, report: Report) -> None:
    """Whether files with secrets are for the server's account only."""
    config = setup.config
    files = [Path(path) for path in (setup.file or setup.environment.get("PARLEY_CONFIG"),) if path]
    files = files or [Path(config.data) / "parley.toml"]
    if any(getattr(config, name) for name in _WAYS_IN + _WAYS_TO_MEDIA):
        _look(files, report, "the settings file")
    named = [path for name, path in setup.environment.items() if name.startswith("PARLEY_") and name.endswith("_FILE")]
    _look([Path(path) for path in named], report, "the file of a setting")
    data = Path(config.data)
    _look([data], report, "the data folder")
    _look(sorted(data.glob("parley.db*")), report, "the database file")
    if not any(each.name == "permissions" for each in report.findings):
        report.ok("permissions", "files with secrets are for their owner only")


def _look(paths: list[Path], report: Report, what: str) -> None:
    for path in paths:
        try:
            found = path.stat()
        except OSError:
            continue
        mode, foreign = _open_to(path, found), found.st_uid != os.geteuid()
        if mode:
            open_to = "everybody" if mode & (stat.S_IROTH | stat.S_IWOTH) else "its group"
            written = mode & (stat.S_IWGRP | stat.S_IWOTH)
            told = f"{what} {path} may be {'written' if written else 'read'} by {open_to}"
            mend = f"chmod {'700' if path.is_dir() else '600'} {path}"
            if foreign:
                mend = f"chgrp {path} to the group of the server's account, and chmod 640" if path.is_file() else mend
            if written or (mode & stat.S_IROTH and not path.is_dir()):
                report.fail("permissions", told, mend)
            else:
                report.warn("permissions", told, mend)


def _open_to(path: Path, found: os.stat_result) -> int:
    """The permissions of group and others that nothing asks for."""
    mode = found.st_mode & (stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH)
    if found.st_uid != os.geteuid():
        # Another account keeps it, and the server reads it by its group; in a container as one of all there are.
        if found.st_gid in {os.getegid(), *os.getgroups()}:
            mode &= ~stat.S_IRGRP
        if path.is_relative_to(_MOUNTED):
            mode &= ~(stat.S_IRGRP | stat.S_IROTH)
    return mode


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_private(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    return address.is_private and not address.is_unspecified


AREA: Final = Area("settings", (variables, public_address, proxy, contradictions, secrets_of_files))
