"""What the project's own files promise one another."""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent


def declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    requirements = [Requirement(text) for one in lists for text in one]
    return [requirement for requirement in requirements if requirement.name != project["name"]]


def pins() -> dict[str, Version]:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pairs = [line.split("==") for line in lines]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def locked() -> dict[str, tuple[Version, int]]:
    """What `requirements.lock` pins: the version, and how many hashes it has."""
    entries = (ROOT / "requirements.lock").read_text().replace("\\\n", " ").splitlines()
    words = [line.split() for line in entries if line and not line.startswith("#")]
    pairs = [(first.split("==")[0].split("[")[0], first.split("==")[1], rest) for first, *rest in words]
    return {
        canonicalize_name(name): (Version(version), str(rest).count("--hash=sha256:")) for name, version, rest in pairs
    }


def test_what_runs_in_production_is_pinned_by_hash() -> None:
    pinned, lock = pins(), locked()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}

    assert needed <= lock.keys()
    assert [name for name, (version, hashes) in lock.items() if pinned.get(name) != version or not hashes] == []


def test_every_requirement_is_pinned_within_its_bounds() -> None:
    pinned = pins()

    astray = [r for r in declared() if not r.specifier.contains(pinned.get(canonicalize_name(r.name), Version("0")))]

    assert astray == []
