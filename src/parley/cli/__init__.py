"""The command line `parley`.

The modules here import only what parsing the command line needs; each command imports the rest when it runs, so that
`parley --help` and `parley serve` start quickly.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from parley.cli import (
    backup,
    call,
    db,
    docs,
    doctor,
    history,
    identity,
    lab,
    mail,
    operations,
    program,
    recording,
    sandbox,
    schema,
    serve,
    site,
    training,
    user,
)
from parley.cli.quick import quick_options

#: As shells say it of a program that Ctrl-C ended.
_INTERRUPTED = 130

app = typer.Typer(
    name="parley",
    help="A meeting server of your own that speaks the Webex Meetings XML API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from parley import __version__

        typer.echo(f"parley {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and end.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """A meeting server of your own that speaks the Webex Meetings XML API."""


app.command("serve")(serve.serve)
site.app.command("identity")(identity.identity)
app.add_typer(site.app, name="site")
app.add_typer(user.app, name="user")
app.add_typer(program.app, name="program")
app.add_typer(lab.app, name="lab")
app.add_typer(training.app, name="training")
app.add_typer(recording.app, name="recording")
app.add_typer(mail.app, name="mail")
app.add_typer(history.app, name="history")
app.add_typer(db.app, name="db")
app.add_typer(schema.app, name="schema")
app.add_typer(docs.app, name="docs")
app.command("operations")(operations.operations)
app.command("call")(call.call)
app.command("sandbox")(sandbox.sandbox)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("doctor")(doctor.doctor)


def main() -> None:
    """Run the command line with the arguments of the process."""
    if sys.argv[1:2] == ["serve"]:
        options = quick_options(serve.serve, sys.argv[2:])
        if options is not None:
            try:
                serve.serve(**options)
            except typer.Exit as end:
                sys.exit(end.exit_code)
            except KeyboardInterrupt:  # before there was a server that could end
                sys.exit(_INTERRUPTED)
            return
    app()
