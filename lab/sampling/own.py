"""A sampler from a file that `sample.solver` names: the exercise's Algorithm 1, or a student's."""

import ast
import inspect
import runpy
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lab.core.params import PARAMS
from lab.sampling import algorithm_1
from lab.sampling.timed import Timed
from lookingglass.diffusion.weights import Network
from lookingglass.errors import InputError

BUILT_IN = "lab/sampling/algorithm_1.py"
FILE = f"{PARAMS}: sample.solver.file"
NAME = f"{PARAMS}: sample.solver.name"
HANDED_OUT = ("course/given.py", "course/config.py", "lookingglass/diffusion/class_truth.py")
"""What a student's file imports from here; as strings, since lab knows nothing of the course."""


@dataclass(frozen=True)
class Sampler:
    """A function of (denoiser, z, steps) or (denoiser, z, steps, generator) in a file.

    It takes the noise z, (n, 2), to points, (n, 2). The denoiser is a Timed. If the file has a
    function sigma(t), this says which noise level a time is; else the network's schedule does.
    """

    file: str
    function: Callable[..., object]
    sigma: Callable[[Tensor], Tensor] | None

    @property
    def title(self) -> str:
        """What the report calls it."""
        name = self.function.__name__
        return "Algorithm 1" if self.file == BUILT_IN else f"{name} of {Path(self.file).name}"

    @torch.no_grad()
    def __call__(
        self, network: Network, z: Tensor, steps: int, generator: torch.Generator
    ) -> Tensor:
        """The points that z leads to. Raises InputError, with one line, if the function fails."""
        denoiser = Timed(network, self.sigma or network.schedule.sigma)
        given = (denoiser, z, steps, generator)[: len(inspect.signature(self.function).parameters)]
        try:
            x = self.function(*given)
        except (Exception, SystemExit) as error:
            raise InputError(complaint(self.file, error)) from error
        name = f"{self.file}: {self.function.__name__}"
        if not isinstance(x, Tensor) or x.shape != z.shape:
            found = f"shape {tuple(x.shape)}" if isinstance(x, Tensor) else type(x).__name__
            raise InputError(f"{name}: gives {found}; must be a tensor of shape {tuple(z.shape)}")
        if not x.isfinite().all():
            raise InputError(f"{name}: gives points that are not finite")
        return x.to(z.dtype)


def load_sampler(file: str, name: str) -> Sampler:
    """The function of this name in a file.

    Raises InputError, with one line, if the file cannot be read or run, imports other files, or has
    no such function.
    """
    if file == BUILT_IN:
        found = vars(algorithm_1)
    else:
        check_imports(file)
        try:
            found = runpy.run_path(file)
        except (Exception, SystemExit) as error:
            raise InputError(complaint(file, error)) from error
    own = [key for key, value in found.items() if is_sampler(value, file)]
    if name not in own:
        of_file = ", ".join(own) or "none"
        raise InputError(
            f"{NAME} = {name!r}: must be a function of (denoiser, z, steps) or of "
            f"(denoiser, z, steps, generator) in {file}, which has {of_file}"
        )
    return Sampler(file, found[name], found.get("sigma"))


def is_sampler(value: Any, file: str) -> bool:
    """Whether it is a function of three or four arguments, written in this file."""
    return (
        inspect.isfunction(value)
        and Path(value.__code__.co_filename).samefile(file)
        and len(inspect.signature(value).parameters) in (3, 4)
    )


def check_imports(file: str) -> None:
    """Raise InputError for imports of files whose changes would go unnoticed."""
    try:
        tree = ast.parse(Path(file).read_bytes(), file)
    except OSError as error:
        raise InputError(f"{FILE} = {file!r}: {error.strerror or 'cannot be read'}") from error
    except (SyntaxError, ValueError) as error:
        raise InputError(complaint(file, error)) from error
    for line, module in imports(tree):
        if module != "course.given" and module.partition(".")[0] not in {
            "torch", "numpy", *sys.stdlib_module_names,
        }:  # fmt: skip
            raise InputError(
                f"{file}: line {line}: imports {module}; a sampler is one file, with imports of "
                "torch, numpy, course.given and the standard library only"
            )


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line and the name of each module that is imported; `from course import given`, too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = "." * node.level + (node.module or "")
            if package == "course":
                yield from ((node.lineno, f"course.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, package


def complaint(file: str, error: BaseException) -> str:
    """An error of somebody's code in one line, with the last line of their file that led to it."""
    if isinstance(error, SyntaxError):
        return f"{file}: line {error.lineno}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    where = f"{file}: line {lines[-1]}" if lines else file
    return f"{where}: {traceback.format_exception_only(error)[-1].strip()}"
