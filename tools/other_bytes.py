"""Say if this machine gives other bytes than those in git: the last line of `make`."""

import subprocess

from lab.core.entry import run
from lab.core.yaml12 import parse, read_yaml

LOCK = "dvc.lock"


def differing() -> list[str]:
    """The stages with the same inputs as in the last commit, but different outputs."""
    done = subprocess.run(["git", "show", f"HEAD:./{LOCK}"], capture_output=True, encoding="utf-8")
    if done.returncode or not done.stdout:  # no repository, or nothing committed
        return []
    then, now = parse(done.stdout, LOCK)["stages"], read_yaml(LOCK)["stages"]
    return [
        name
        for name, stage in now.items()
        if name in then
        and stage != then[name]
        and stage | {"outs": then[name]["outs"]} == then[name]
    ]


def main() -> None:
    if names := differing():
        print(
            f"  different bytes than in git: {', '.join(names)} (another kind of processor or "
            f"system? docs/reproducibility.md); 'git checkout {LOCK} metrics plots' restores git's"
        )


if __name__ == "__main__":
    run(main)
