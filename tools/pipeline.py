"""What each stage of dvc.yaml declares, as DVC resolves it; seeds/dvc.yaml does not count."""

from dataclasses import dataclass
from pathlib import Path

from dvc.dependency import ParamsDependency
from dvc.exceptions import DvcException
from dvc.repo import Repo

from lookingglass.errors import InputError

PIPELINE = "dvc.yaml"


@dataclass(frozen=True)
class Stage:
    """A stage: its command, the files and parameters it reads, the files it writes."""

    name: str
    command: str
    deps: tuple[str, ...]
    params: tuple[str, ...]  # sections or section.keys
    outs: dict[str, str | None]  # with their MD5 from dvc.lock


def declared(root: str | Path = ".") -> dict[str, Stage]:
    """The stages, in the order of dvc.yaml. Raises InputError where DVC cannot read it."""
    try:
        with Repo(str(root)) as repo:
            found = [stage for stage in repo.index.stages if stage.path_in_repo == PIPELINE]
    except DvcException as error:
        raise InputError(f"dvc.yaml: {' '.join(str(error).split())}") from error
    return {
        stage.name: Stage(
            stage.name,
            stage.cmd,
            tuple(dep.def_path for dep in stage.deps if not isinstance(dep, ParamsDependency)),
            tuple(
                key for dep in stage.deps if isinstance(dep, ParamsDependency) for key in dep.params
            ),
            {out.def_path: out.hash_info.value for out in stage.outs},
        )
        for stage in found
    }


def behind(pipeline: str = PIPELINE) -> list[str]:
    """The stages of a pipeline's file that are out of date, so that `dvc repro` would run them."""
    with Repo() as repo:
        return sorted(repo.status(targets=[pipeline]))
