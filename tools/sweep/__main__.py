"""Run an experiment for each point of a grid of parameters: `python -m tools.sweep`.

Values are V1,V2,... (YAML, lists in brackets) or FIRST..LAST (whole numbers, both ends), as in
`python -m tools.sweep train_diffusion.width=32,64 train_diffusion.seed=0..4 --target
evaluate_diffusion`. Each point runs in a clone of its own. Points whose experiment is there are not
run again, so after Ctrl-C the same command finishes the rest. `--table` shows the results.
"""

import argparse
import sys
from collections.abc import Iterator

from lab.core.entry import run
from lab.core.progress import progress
from lab.example import plain_parser, whole_number
from lookingglass.errors import InputError
from tools.sweep import local, table
from tools.sweep.checkout import jobs
from tools.sweep.grid import points
from tools.sweep.worker import Job

Launched = Iterator[tuple[Job, str | None]]


def arguments() -> argparse.Namespace:
    """The command line, with options that belong together."""
    parser = plain_parser(__doc__)
    parser.prog = "python -m tools.sweep"
    add = parser.add_argument
    add("axes", nargs="*", metavar="SECTION.KEY=VALUES", help="an axis of the grid")
    add("--target", metavar="STAGE", help="reproduce this stage and what it needs (all stages)")
    add("--on", choices=("local", "slurm", "ray"), default="local", help="where to run (local)")
    add("--jobs", type=whole_number(1, 10_000), help="points to run at once (local: the cores)")
    add("--sbatch", metavar="OPTIONS", help='for Slurm, as in --sbatch="--partition=cpu --time=60"')
    add("--no-wait", action="store_true", help="return once Slurm has the points")
    add("--address", help="of a Ray cluster; without it, Ray starts here")
    add("--table", action="store_true", help="show what sweeps found from this commit")
    add("--all-commits", action="store_true", help="and from earlier ones")
    given = parser.parse_args()
    if given.table and given.axes:
        raise InputError("--table: shows all sweeps, so it takes no SECTION.KEY=VALUES")
    if not given.table and not given.axes:
        raise InputError(
            "nothing to run: give an axis, as in train_diffusion.seed=0..4, or --table"
        )
    if given.all_commits and not given.table:
        raise InputError("--all-commits: goes with --table")
    if (given.sbatch is not None or given.no_wait) and given.on != "slurm":
        raise InputError("--sbatch, --no-wait: go with --on slurm")
    if given.address and given.on != "ray":
        raise InputError("--address: goes with --on ray")
    return given


def launch(given: argparse.Namespace, todo: list[Job]) -> Launched:
    """Start the jobs where they are to run; gives each as it ends, with None or why it failed.

    A launcher's module has `launch(jobs, ...)`, which does this.
    """
    if given.on == "local":
        return local.launch(todo, given.jobs or local.cores())
    if given.on == "slurm":
        from tools.sweep import slurm

        return slurm.launch(todo, given.jobs, given.sbatch or "", wait=not given.no_wait)
    from tools.sweep import ray_cluster  # Ray is an extra

    return ray_cluster.launch(todo, given.jobs, given.address)


def main() -> None:
    given = arguments()
    if given.table:
        table.show(all_commits=given.all_commits)
        return
    grid = points(given.axes, given.target)
    todo = jobs(grid)
    if len(todo) < len(grid):
        print(f"{len(grid) - len(todo)} of {len(grid)} points are there already", flush=True)
    ended = progress(launch(given, todo), total=len(todo), title="points") if todo else []
    failed = [(job, problem) for job, problem in ended if problem is not None]
    for job, problem in failed:
        print(f"{' '.join(job.overrides)}: {problem}\n  {job.log}", file=sys.stderr)
    if failed:
        print(f"{len(failed)} of {len(todo)} points failed", file=sys.stderr)
        sys.exit(1)
    if not given.no_wait:
        print("all points are there; 'python -m tools.sweep --table' shows them")


if __name__ == "__main__":
    run(main)
