"""`parley site identity`: who else vouches for the accounts of a site."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from parley.cli.common import (
    ConfigOption,
    DatabaseOption,
    DataOption,
    JsonOption,
    SiteArgument,
    fail,
    plain_errors,
    print_json,
    print_table,
    run,
    running,
    settings,
    site_named,
)
from parley.cli.site import change, described, one, text_of

if TYPE_CHECKING:
    from parley.config import Config

#: Bytes of a certificate file; the certificates of a provider have some thousand.
_MAX_FILE = 200_000
#: Bytes of a file with a secret.
_MAX_SECRET = 2000


def identity(
    site: SiteArgument,
    openid_issuer: Annotated[
        str | None, typer.Option("--openid-issuer", metavar="URL", help="Issuer of access tokens, as in their iss.")
    ] = None,
    openid_audience: Annotated[
        list[str] | None,
        typer.Option("--openid-audience", metavar="NAME", help="Audience or client id of tokens; may be repeated."),
    ] = None,
    openid_claim: Annotated[
        Literal["email", "preferred_username", "sub"] | None,
        typer.Option("--openid-claim", help="Claim that names the account: email, or one that is its webExID."),
    ] = None,
    openid_scope: Annotated[
        str | None, typer.Option("--openid-scope", metavar="WORD", help="Scope that tokens must have; '' for none.")
    ] = None,
    openid_client_id: Annotated[
        str | None,
        typer.Option("--openid-client-id", metavar="NAME", help="With it people sign in to the console by the issuer."),
    ] = None,
    openid_secret_file: Annotated[
        Path | None,
        typer.Option(
            "--openid-secret-file",
            metavar="FILE",
            help="The client's secret, kept sealed; an empty file: none.",
            allow_dash=True,
        ),
    ] = None,
    saml_entity_id: Annotated[
        str | None, typer.Option("--saml-entity-id", metavar="NAME", help="Entity id of the identity provider.")
    ] = None,
    saml_certificate: Annotated[
        list[Path] | None,
        typer.Option("--saml-certificate", metavar="FILE", help="Its certificates (PEM); may be repeated."),
    ] = None,
    saml_audience: Annotated[
        str | None, typer.Option("--saml-audience", metavar="NAME", help="Entity id by which it knows this site.")
    ] = None,
    saml_recipient: Annotated[
        str | None, typer.Option("--saml-recipient", metavar="URL", help="Address to which it sends responses.")
    ] = None,
    saml_attribute: Annotated[
        str | None,
        typer.Option("--saml-attribute", metavar="NAME", help="Attribute that names the account; '' for the NameID."),
    ] = None,
    saml_user_is: Annotated[
        Literal["webExID", "email"] | None, typer.Option("--saml-user-is", help="What the name is.")
    ] = None,
    refuse_passwords: Annotated[
        bool | None,
        typer.Option(
            "--refuse-passwords/--take-passwords",
            help="With SAML: the API takes no passwords any more, or takes them as well.",
            show_default=False,
        ),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Forget the issuer and the identity provider.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Say whose access tokens and SAML responses a site takes; without options, show it. What is not given stays."""
    wanted: dict[str, Any] = {
        "openid.issuer": openid_issuer,
        "openid.audiences": openid_audience or None,
        "openid.user_claim": openid_claim,
        "openid.required_scope": openid_scope,
        "openid.client_id": openid_client_id,
        "saml.entity_id": saml_entity_id,
        "saml.certificates": _certificates(saml_certificate),
        "saml.audience": saml_audience,
        "saml.recipient": saml_recipient,
        "saml.user_attribute": saml_attribute,
        "saml.user_is": saml_user_is,
        "saml.refuse_passwords": refuse_passwords,
    }
    wanted = {name: value for name, value in wanted.items() if value is not None}
    secret = _secret(openid_secret_file)
    if none and (wanted or secret is not None):
        fail("--none goes with no other option")
    if none:
        wanted = _nothing()
    loaded = settings(config, data=data, database=database)
    if secret is not None:
        wanted["openid.client_secret"] = run(_sealed(loaded, site, secret)) if secret else ""
    if not wanted:
        _show(described(run(one(loaded, site)))["settings"], as_json)
        return
    change(loaded, site, {name: json.dumps(value) for name, value in wanted.items()})


def _secret(file: Path | None) -> str | None:
    """The secret in a file, without blanks around it; None: no file was named."""
    if file is None:
        return None
    try:
        content = sys.stdin.buffer.read(_MAX_SECRET + 1) if str(file) == "-" else file.read_bytes()[: _MAX_SECRET + 1]
        text = content.decode().strip()
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    except UnicodeDecodeError:
        fail(f"{file} holds no text")
    if len(content) > _MAX_SECRET or not text.isprintable():
        fail(f"{file} is too large for a secret, or has more than one line")
    return text


async def _sealed(config: Config, name: str, secret: str) -> str:
    from parley.services.identity.sealing import seal

    async with running(config) as application:
        site = await site_named(application, name)
        return await seal(application.engine, site.site_id, secret)


def _certificates(files: list[Path] | None) -> list[str] | None:
    if not files:
        return None
    from parley.services.identity.certificates import certificates_in

    found: list[str] = []
    for file in files:
        try:
            with file.open("rb") as opened:
                content = opened.read(_MAX_FILE + 1)
        except OSError as error:
            fail(f"cannot read {file}: {error.strerror}")
        if len(content) > _MAX_FILE:
            fail(f"{file} is too large for a file of certificates")
        with plain_errors():
            found += certificates_in(content.decode("utf-8", "replace"), str(file))
    return found


def _nothing() -> dict[str, Any]:
    from parley.domain.identity import OpenIdIssuer, SamlProvider
    from parley.services.site_changes import flat_values, plain

    return dict(flat_values("", {"openid": plain(OpenIdIssuer()), "saml": plain(SamlProvider())}))


def _show(site_settings: dict[str, Any], as_json: bool) -> None:
    present = {name: site_settings[name] for name in ("openid", "saml")}
    if as_json:
        print_json(present)
        return
    from parley.services.site_changes import flat_values

    print_table(("Name", "Value"), [(name, text_of(value)) for name, value in flat_values("", present)])
