"""Your own points: what a file may hold, and the diffusion half run on one."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from lab.core.artifacts import read_arrays, write_arrays
from lab.core.params import read
from lab.data.own_points import fit, read_points
from lab.data.points import check_square
from lab.drawing.plane import draw_data
from lookingglass.errors import InputError
from tests.conftest import NUMBERS as OF_A_RUN
from tests.conftest import ROOT, Checkout
from tests.test_dependencies import outputs, stages

# all mains in one process: most of the time goes into imports
RUN = "import importlib, sys; [importlib.import_module(name).main() for name in sys.argv[1:]]"
LINES = [f"{i / 7:.4f},{i * i % 11}" for i in range(120)]
NUMBERS = np.array([[float(cell) for cell in line.split(",")] for line in LINES])


def ring(n: int = 300) -> np.ndarray:
    """A ring of radius 30 around (100, -50): none of its points is in the middle class."""
    rng = np.random.default_rng(0)
    angle, radius = rng.uniform(0, 2 * np.pi, n), 30 + rng.normal(size=n)
    return np.stack([100 + radius * np.cos(angle), -50 + radius * np.sin(angle)], axis=1)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(LINES),
        "\n".join(["x,y", *LINES, ""]),
        "\ufeff" + "\r\n".join(["east (m),north (m)", "", *LINES, "", ","]),
        "\n".join(line.replace(",", " , ") for line in LINES),
    ],
)
def test_a_csv(text: str, tmp_path: Path) -> None:
    path = tmp_path / "own.CSV"
    path.write_bytes(text.encode())
    np.testing.assert_array_equal(read_points(str(path)), NUMBERS)


@pytest.mark.parametrize("kind", ["<f8", ">f4", "<i2"])
def test_an_npy(kind: str, tmp_path: Path) -> None:
    points = (NUMBERS * 10).astype(kind)
    np.save(tmp_path / "own.npy", points)
    np.testing.assert_array_equal(read_points(str(tmp_path / "own.npy")), points.astype(float))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "", "a.csv: 0 points; must be 100 to 30,000"),
        ("a.csv", "x,y\n", "a.csv: 0 points; must be 100 to 30,000"),
        ("a.csv", "\n".join(LINES[:99]), "a.csv: 99 points; must be 100 to 30,000"),
        ("a.csv", "1,2\n" * 30_001, "a.csv: 30001 points; must be 100 to 30,000"),
        ("a.csv", "1,2\n" * 100, "all points are the same; must be at least two places"),
        ("a.csv", "x,y\n1,2\n3,four\n", "line 3: '3,four': must be two finite numbers, x,y"),
        ("a.csv", "x,y\nx,y\n", "line 2: 'x,y': must be two finite numbers, x,y"),
        ("a.csv", "1_000,2\n3,4\n", "line 1: '1_000,2': must be two finite numbers, x,y"),
        ("a.csv", "1,two\n", "line 1: '1,two': must be two finite numbers, x,y"),
        ("a.csv", "1,2,3\n", "line 1: '1,2,3': must be two finite numbers, x,y"),
        ("a.csv", "1;2\n3;4\n", "line 2: '3;4': must be two finite numbers, x,y"),
        ("a.csv", "1\n2\n", "line 1: '1': must be two finite numbers, x,y"),
        ("a.csv", "1,2\n\n1,nan\n", "line 3: '1,nan': must be two finite numbers, x,y"),
        ("a.csv", "1,2\n-inf,0\n", "line 2: '-inf,0': must be two finite numbers, x,y"),
        ("a.csv", '1,"2\n', "line 1: unexpected end of data"),
        ("a.csv", "1,\udcff\n", "not UTF-8 text (byte 2)"),
        ("a.csv", None, "points.file = 'a.csv': No such file or directory"),
        ("a.npy", "no array", "not an .npy file of numbers, or damaged"),
        ("a.npy", "", "not an .npy file of numbers, or damaged"),
        ("a.npy", None, "points.file = 'a.npy': No such file or directory"),
        ("a.txt", "1,2\n", "points.file = 'a.txt': must be lab/data/square.toml, or a"),
    ],
)  # fmt: skip
def test_bad_text(
    name: str, text: str | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path(name).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InputError) as error:
        read_points(name)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((120, 3)), "float64 of shape (120, 3); must be real numbers of shape (n, 2)"),
        (np.zeros(240), "float64 of shape (240,); must be real numbers of shape (n, 2)"),
        (np.zeros((120, 2), complex), "complex128 of shape (120, 2); must be real numbers"),
        (np.full((120, 2), "1"), "<U1 of shape (120, 2); must be real numbers"),
        (np.full((120, 2), None), "not an .npy file of numbers, or damaged"),
        (np.where(NUMBERS == 5, np.inf, NUMBERS), "must be finite"),
        (np.full((120, 2), 3.0), "all points are the same"),
        (NUMBERS[:99], "99 points; must be 100 to 30,000"),
    ],
)
def test_bad_arrays(array: np.ndarray, message: str, tmp_path: Path) -> None:
    np.save(tmp_path / "own.npy", array, allow_pickle=True)
    with pytest.raises(InputError) as error:
        read_points(str(tmp_path / "own.npy"))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["low = [0.0, 0.0]\nhigh = [1.0, 1.0]", "low =", "\udcff", ""])
def test_no_other_square(text: str, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match=r"own\.toml: "):
        check_square(str(tmp_path / "own.toml"))
    check_square(str(ROOT / "lab" / "data" / "square.toml"))


@pytest.mark.parametrize("unit", [1e-300, 1.0, 1e307])
def test_points_are_fitted_into_the_square_and_come_back(unit: float) -> None:
    points = np.array([[0.0, 0.0], [4.0, 1.0], [1.0, 2.0]]) * unit
    fitted, centre, scale = fit(points)
    expected = np.array([[-1, -0.5], [1, 0], [-0.5, 0.5]], np.float32)  # one scale for both axes
    np.testing.assert_array_equal(fitted, expected)
    np.testing.assert_allclose(centre + scale * fitted.astype(float), points, atol=1e-12 * unit)


@pytest.mark.parametrize("square", [True, False])
def test_only_the_square_is_outlined(
    square: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_arrays("data/origin.npz", square=np.array(square))
    write_arrays("data/points.npz", points=fit(ring(2000))[0])
    axes = Figure().subplots()
    draw_data(axes, reach=1.5)
    assert len(axes.patches) == square
    shown = [np.asarray(part.get_offsets()) for part in axes.collections]
    assert [len(part) for part in shown] == ([] if square else [500])
    assert axes.get_xlim() == (-1.5, 1.5)


@pytest.mark.pipeline
def test_the_diffusion_half_of_a_ring(small: Checkout) -> None:
    """Every stage runs; results that need the square are left out, and a line says so."""
    np.savetxt(small.path / "ring.csv", ring(), delimiter=",", header="x,y", comments="")
    small.set("points.file", "ring.csv")
    small.set("sample.prior", "matched")
    assert small.repro("points") == ["points"]
    origin = read_arrays(small.path / "data" / "origin.npz")
    points = read_arrays(small.path / "data" / "points.npz")["points"]
    assert not origin["square"]
    np.testing.assert_allclose(origin["centre"] + origin["scale"] * points, ring(), atol=1e-4)
    assert np.abs(points).max() == 1

    half = {name: stage for name, stage in stages().items() if ".diffusion." in stage["cmd"]}
    made = set().union(*map(outputs, half.values()))
    half |= {
        name: stage
        for name, stage in stages().items()
        if name.startswith("fig_") and made & set(stage["deps"])
    }
    half["report"] = stages()["report"]
    del half["points"]
    modules = [stage["cmd"].removeprefix("python -m ") for stage in half.values()]
    said = small.run("python", "-c", RUN, *modules).stdout.splitlines()
    for name, stage in half.items():
        for output in outputs(stage):
            assert (small.path / output).stat().st_size, f"{name}: {output}"

    details = small.path / "metrics" / "details"

    def metrics(name: str) -> dict[str, float]:
        return json.loads((details / f"{name}.json").read_text())

    left_out = [line for line in said if line.endswith("the points are not of the square")]
    assert len(left_out) == 12
    for path in details.glob("*.json"):
        for key in metrics(path.stem):
            assert not [word for word in ("energy", "null", "exact") if word in key], path
    assert "inside" not in metrics("sample")
    assert metrics("sample")["std"] > 0
    conditional = metrics("evaluate_conditional")
    assert "excess_0" not in conditional, "no point lies in the middle"
    assert conditional["excess"] == pytest.approx(
        sum(conditional[f"excess_{i}"] for i in range(1, 5)) / 4, rel=1e-4
    )
    sampled = read_arrays(small.path / "data" / "sample_conditional.npz")["label"]
    assert set(sampled.tolist()) == {1, 2, 3, 4}, "classes are as in the data"
    # the truth is the points themselves: no denoiser has less loss on them
    evaluated = metrics("evaluate_diffusion")
    assert evaluated["bayes_loss"] < evaluated["loss"]

    small.run("python", "-m", "tools.page")
    assert small.run("dvc", "plots", "show").stdout.startswith("file:")
    plots = json.loads(small.run("dvc", "plots", "show", "--json").stdout)["data"]
    empty = {name for name, shown in plots.items() if not shown or not shown[0].get("content", 1)}
    assert {name for name in empty if name.startswith(("diffusion/", "classes/"))} == {
        "classes/borders", "diffusion/inside", "diffusion/energy", "diffusion/excess_sources",
    }  # fmt: skip
    # of the other half
    for name in ("evaluate_gpt", "evaluate_language", "generate", "invert", "ngram"):
        (details / f"{name}.json").write_text(json.dumps(OF_A_RUN[name]))
    for name in ("gpt", "language"):
        (small.path / "models" / f"{name}.safetensors").write_bytes(b"weights")
    assert "square" not in small.run("python", "-m", "tools.summary").stdout

    (small.path / "data" / "alice.txt").write_text("text")
    parts = {name: np.zeros(9) for name in ("train", "validation", "test", "rows")}
    write_arrays(small.path / "data" / "tokens.npz", **parts)
    shutil.copy(small.path / "models" / "plain.safetensors", small.path / "models/gpt.safetensors")
    small.run("python", "-m", "stages.model_pages")
    pages = small.path / "models" / "pages"
    for name in ("conditional", "diffusion", "plain"):
        page = (pages / f"{name}.md").read_text(encoding="utf-8")
        assert "300 points of the user's own, from `ring.csv`" in page
        assert "The distribution of these points is not known." in page
        assert "uniformly in the square" not in page
        assert "memorised the training points" not in page
    assert (
        "| 0: -0.33, -0.33 to 0.33, 0.33 |" + " – |" * 6 in (pages / "conditional.md").read_text()
    )


def test_a_bad_file_is_one_line(copy: Checkout) -> None:
    (copy.path / "own.csv").write_text("x,y\n1,2\n")
    copy.set("points.file", "own.csv")
    done = copy.run("python", "-m", "stages.diffusion.points", check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["own.csv: 1 points; must be 100 to 30,000"]
    assert not (copy.path / "data").exists()


def test_where_the_points_are_from_is_a_dependency() -> None:
    file = read(ROOT / "params.yaml")["points"]["file"]
    assert "${points.file}" in stages()["points"]["deps"]
    assert (ROOT / file).is_file()
