"""example_diffusion.py as users run it: in a bare clone, and with bad values."""

import struct
from collections.abc import Callable

import pytest

from tests.conftest import ROOT, Checkout

pytestmark = pytest.mark.pipeline


def example(checkout: Checkout, *arguments: str) -> list[str]:
    return checkout.run("python", "example_diffusion.py", *arguments).stdout.splitlines()


def test_in_a_bare_clone(clone: Checkout) -> None:
    assert not (clone.path / "models").exists()
    loaded, quality, sampled, picture = example(clone)
    assert loaded.startswith("loaded    models/diffusion.safetensors, ")
    assert float(quality.split()[3]) < 2e-3
    assert "1000 points, 1000 steps of euler" in sampled
    data = (clone.path / "diffusion.png").read_bytes()
    assert picture == f"picture   {clone.path / 'diffusion.png'}"
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (1300, 1300)
    assert clone.run("git", "status", "--porcelain").stdout == ""


def test_options_do_what_they_say(clone: Checkout) -> None:
    options = [
        (), ("--seed", "0"), ("--seed", "1"), ("--points", "100"), ("--steps", "10"),
        ("--solver", "heun"),
    ]  # fmt: skip
    fast = ("--points", "200", "--steps", "20")
    names = [f"{place}.png" for place in range(len(options))]
    clone.run_each(
        "example_diffusion.py",
        *((*fast, *more, "--output", name) for more, name in zip(options, names, strict=True)),
    )
    first, again, *others = ((clone.path / name).read_bytes() for name in names)
    assert again == first
    assert len({first, *others}) == 5


def test_train(small: Checkout) -> None:
    lines = example(small, "--train", "--points", "10", "--steps", "5")
    assert lines[0].startswith("trained   20 steps, ")


def test_train_on_points_of_ones_own(small: Checkout) -> None:
    points = "".join(f"{i},{i * i % 7}\n" for i in range(100))
    (small.path / "own.csv").write_text(points)
    small.set("points.file", "own.csv")
    trained, sampled, _ = example(small, "--train", "--points", "10", "--steps", "5")
    assert trained.startswith("trained   20 steps, ")
    assert "square" not in sampled


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--steps", "0"], "argument --steps: '0': must be from 1 to 100000"),
        (["--points", "many"], "argument --points: 'many': must be from 1 to 1000000"),
        (["--seed", "-1"], "argument --seed: '-1': must be from 0 to 9223372036854775807"),
        (["--solver", "verlet"], "argument --solver: invalid choice: 'verlet'"),
        (["--output", "a.txt"], "argument --output: 'a.txt': must end in .png, .svg, .pdf"),
        (["--output", "no/a.png"], "argument --output: 'no/a.png': there is no folder"),
        (["--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_a_bad_value_is_one_line(
    arguments: list[str], message: str, refusal: Callable[..., str]
) -> None:
    said = refusal("example_diffusion.py", *arguments)
    assert said.startswith(f"example_diffusion.py: {message}")
    assert said.count("\n") == 1


def test_help() -> None:
    text = Checkout(ROOT).run("python", "example_diffusion.py", "--help").stdout
    for option in ("--train", "--seed", "--steps", "--points", "--solver", "--output"):
        assert option in text


def test_without_weights_it_says_what_to_do(clone: Checkout) -> None:
    for name in clone.run("git", "ls-files", ".dvc/cache").stdout.split():
        (clone.path / name).unlink()
    done = clone.run("python", "example_diffusion.py", check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--train makes a new one" in done.stderr
