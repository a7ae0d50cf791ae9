"""`console`: the web console, who may sign in to it, and by which tokens programs call it."""

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


def add_token(
    login: Login,
    name: Annotated[str, typer.Option("--name", help="What it is for.")],
    scope: Annotated[list[str], typer.Option("--scope", help="read, act, approve, audit, administer; several times.")],
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How long it lasts.")] = 90,
    config: Config = None,
) -> None:
    """Give out a token by which a program calls the API in this person's name. It is printed this once."""
    from datetime import UTC, datetime, timedelta

    from processor.adapters.tokens_sql import NewToken
    from processor.console.tokens import issue
    from processor.wiring import open_database

    now = datetime.now(UTC)
    with open_database(settings_from(config, quiet=True)) as engine:
        new = NewToken(login, name, tuple(scope), now + timedelta(days=days))
        typer.echo(issue(engine, new, getpass.getuser(), now))


def list_tokens(config: Config = None) -> None:
    """List every token: whose, what it may do, when it was last used and when it ends."""
    from datetime import UTC, datetime

    from processor.adapters.tokens_sql import tokens
    from processor.cli.screen import screen, table
    from processor.wiring import open_database

    now = datetime.now(UTC)
    with open_database(settings_from(config, quiet=True)) as engine:
        rows = [
            (
                str(one.id),
                one.login,
                one.name,
                " ".join(one.scopes),
                f"{one.used_at:%Y-%m-%d %H:%M}" if one.used_at else "never",
                "revoked" if one.revoked_at else f"{one.expires_at:%Y-%m-%d}" + (" ended" if one.ended(now) else ""),
            )
            for one in tokens(engine)
        ]
    screen().print(table(("token", "login", "name", "scopes", "last used", "ends"), rows))


def revoke_token(
    number: Annotated[int, typer.Argument(metavar="TOKEN", help="A number of `console token list`.")],
    config: Config = None,
) -> None:
    """End a token at once."""
    from datetime import UTC, datetime

    from processor.adapters import tokens_sql
    from processor.wiring import open_database

    with open_database(settings_from(config, quiet=True)) as engine:
        tokens_sql.revoke_token(engine, number, getpass.getuser(), datetime.now(UTC))
    typer.echo(f"Token {number} is revoked.")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first, second = getpass.getpass("Password: "), getpass.getpass("Again: ")
    if first != second:
        stop(WRONG_USAGE, "The two passwords differ.")
    return first
