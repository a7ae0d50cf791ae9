"""`console`: the web console, and who may sign in to it."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from processor.cli.ending import WRONG_USAGE, stop
from processor.cli.options import Config, settings_from

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="Small letters, digits, and . _ @ - between them.")]
Role = Annotated[str, typer.Option("--role", help="viewer, operator, approver, auditor or administrator.")]


def serve(context: typer.Context, config: Config = None) -> None:
    """Serve the web console for operations until Ctrl-C."""
    if context.invoked_subcommand:
        return
    import threading

    from processor.console.app import open_room, serving
    from processor.scheduler import stop_on_signals
    from processor.wiring import open_database

    settings, stopping = settings_from(config), threading.Event()
    stop_on_signals(stopping)
    with open_database(settings) as engine, open_room(settings, engine, config) as room, serving(room) as address:
        typer.echo(f"The console is at {address}/ until Ctrl-C.")
        stopping.wait()


def add(login: Login, role: Role, name: Annotated[str, typer.Option("--name")] = "", config: Config = None) -> None:
    """Add a person who may sign in. The password is asked for, or read from standard input."""
    from datetime import UTC, datetime

    from processor.adapters.accounts_sql import Person, add_account
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        add_account(engine, Person(login, name, role, _password()), getpass.getuser(), datetime.now(UTC))
    typer.echo(f"{login} may sign in as {role}.")


def change(
    login: Login,
    role: Annotated[str, typer.Option("--role", help="The new role.")] = "",
    shut: Annotated[bool, typer.Option("--shut-out", help="May not sign in any more.")] = False,
    password: Annotated[bool, typer.Option("--password", help="Ask for a new password.")] = False,
    config: Config = None,
) -> None:
    """Change a person's role or password, let them in again, or shut them out. Their sessions end."""
    from datetime import UTC, datetime

    from processor.adapters.accounts_sql import Change, change_account
    from processor.wiring import open_database

    wanted = Change(role, _password() if password else "", not shut)
    with open_database(settings_from(config, quiet=True)) as engine:
        change_account(engine, login, wanted, getpass.getuser(), datetime.now(UTC))
    typer.echo(f"{login} is changed.")


def people(config: Config = None) -> None:
    """List who may sign in."""
    from processor.adapters.accounts_sql import accounts
    from processor.cli.screen import screen, table
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        rows = [(one.login, one.name, one.role, "open" if one.open else "shut out") for one in accounts(engine)]
    screen().print(table(("login", "name", "role", "state"), rows))


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first, second = getpass.getpass("Password: "), getpass.getpass("Again: ")
    if first != second:
        stop(WRONG_USAGE, "The two passwords differ.")
    return first
