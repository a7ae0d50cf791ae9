"""The good rows of the ledger's files, one by one, and everything that is wrong with the others."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from processor.adapters.csv_rows import Problem, Row, read_rows
from processor.adapters.ledger_cells import FILES, Value, Values, address_key, read_values

_KEYS = {"partners.csv": "partner_id", "invoices.csv": "invoice_number", "payments.csv": "payment_number"}


@dataclass(slots=True)
class LedgerRows:
    """Reads the files of one folder; `problems` grows meanwhile, and `partners`, those on file, with them."""

    folder: Path
    partners: set[Value]
    problems: list[Problem] = field(default_factory=list)

    def of(self, name: str) -> Iterator[tuple[Row, Values]]:
        """Yield each row of a file that nothing is wrong with."""
        lines: dict[Hashable, int] = {}
        for row in read_rows(self.folder / name, FILES[name]):
            if isinstance(row, Problem):
                self.problems.append(row)
                continue
            values, problems = read_values(row)
            problems = problems or [*self._faults(row, values, lines)]
            self.problems.extend(problems)
            if not problems:
                yield row, values

    def _faults(self, row: Row, values: Values, lines: dict[Hashable, int]) -> Iterator[Problem]:
        """Yield what only shows among the other rows."""
        column, key = _key(row.file, values)
        if (first := lines.setdefault(key, row.line)) != row.line:
            yield row.problem(column, f"{row.cells[column]} stands in line {first} already")
        if row.file == "partners.csv":
            self.partners.add(values["partner_id"])
        elif values["partner_id"] not in self.partners and not self._partners_broken():
            yield row.problem("partner_id", f"{values['partner_id']} is no partner on file")

    def _partners_broken(self) -> bool:
        """Tell whether a partner may be missing only because its own row can't be read, which is told already."""
        return bool(self.problems) and any(problem.file == "partners.csv" for problem in self.problems)


def _key(name: str, values: Values) -> tuple[str, Hashable]:
    if name in _KEYS:
        return _KEYS[name], values[_KEYS[name]]
    return "email", (address_key(str(values["email"])), values["partner_id"], values["role"])
