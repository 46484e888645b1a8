"""What a sweep takes from this checkout: its commit, its store, and the experiments it has.

`jobs(points)` gives the jobs that are still to run, for `tools.sweep.worker`.
"""

import subprocess
from pathlib import Path
from typing import Any

from dvc.repo import Repo

from lookingglass.errors import InputError
from tools.sweep.grid import Point
from tools.sweep.worker import Job, refs

FOLDER = Path(".dvc/tmp/sweep")  # neither git nor DVC looks there


def git(*arguments: str) -> str:
    """What a git command prints. Raises InputError with git's last line if it fails."""
    done = subprocess.run(["git", *arguments], capture_output=True, encoding="utf-8")
    if done.returncode:
        complaint = done.stderr.strip() or "failed"
        raise InputError(f"git {arguments[0]}: {complaint.splitlines()[-1]}")
    return done.stdout


def committed() -> str:
    """The commit that is checked out. Raises InputError if files differ from it."""
    changed = git("status", "--porcelain", "--untracked-files=no").splitlines()
    if changed:
        names = ", ".join(line[3:] for line in changed[:5]) + ", ..." * (len(changed) > 5)
        raise InputError(f"not committed: {names}; commit or set back, since clones have commits")
    return git("rev-parse", "HEAD").strip()


def dvc_settings() -> dict[str, Any]:
    """DVC's settings for a clone: the default remote, or without one this checkout's cache.

    The remote is as all of DVC's files here say together, .dvc/config.local among them.
    """
    with Repo() as repo:
        name = repo.config["core"].get("remote")
        if name is None:
            return {"cache": {"dir": str(Path(repo.cache.local.path).parents[1])}}
        if name not in repo.config["remote"]:
            raise InputError(f"the default remote {name!r} is not defined; 'dvc remote list'")
        remote = {key: plain(value) for key, value in repo.config["remote"][name].items()}
        return {"core": {"remote": name}, "remote": {name: remote}}


def plain(value: Any) -> Any:
    """A setting as JSON has it; DVC's paths are a kind of str, already absolute."""
    return value if isinstance(value, bool | int | float) else str(value)


def there(source: str, commit: str) -> set[str]:
    """The names of the experiments on a commit that a repository has."""
    listed = git("ls-remote", source, f"{refs(commit)}/*").split()
    return {ref.rpartition("/")[2] for ref in listed[1::2]}


def jobs(points: list[Point]) -> list[Job]:
    """The jobs of the points whose experiment is not there yet.

    Raises InputError for changes that are not committed, which clones would not have.
    """
    commit, settings, source = committed(), dvc_settings(), str(Path.cwd())
    done = there(source, commit)
    return [
        Job(
            source=source,
            commit=commit,
            folder=str(FOLDER.absolute()),
            settings=settings,
            name=point.name,
            message=point.message,
            overrides=point.overrides,
            target=point.target,
        )
        for point in points
        if point.name not in done
    ]
