"""The excess loss taken apart, and where averaging over the symmetries is refused."""

from pathlib import Path

import pytest
import torch

from lab.core.artifacts import write_arrays
from lab.core.params import read
from lab.training.diffusion import Shape
from lookingglass.diffusion.network import EdgeNetwork
from lookingglass.diffusion.schedule import ExponentialSchedule
from lookingglass.errors import InputError
from stages.diffusion import excess_sources, train_fresh, train_symmetric
from tests.conftest import ROOT
from tools.check import check

SCHEDULE = ExponentialSchedule()


def untrained(seed: int) -> EdgeNetwork:
    generator = torch.Generator().manual_seed(seed)
    return EdgeNetwork(SCHEDULE, data_std=0.577, width=8, generator=generator)


def test_the_parts_add_up_and_averaging_never_adds_to_the_excess() -> None:
    params = excess_sources.Params(seed=0, draws=2000)
    measured = excess_sources.measure(
        trained=untrained(0), symmetric=untrained(1), fresh=untrained(2), params=params
    )
    assert len(set(measured.values())) == 4
    assert measured["averaged"] < measured["trained"], "Jensen's inequality"
    parts = excess_sources.take_apart(measured)
    assert sum(parts.values()) == pytest.approx(measured["trained"])
    assert parts["network"] == measured["fresh"]
    assert parts["finite data"] + parts["network"] == pytest.approx(measured["symmetric"])


def test_new_points_and_more_knowledge_lower_the_excess() -> None:
    """Of few points, the symmetries make more; new points in every step are better still."""
    shape = Shape(width=32, layers=3)
    recipe = {"seed": 0, "steps": 500, "learning_rate": 1e-2, "average": 0.9}
    points = torch.rand(50, 2, generator=torch.Generator().manual_seed(5)) * 2 - 1
    finite, losses = train_symmetric.train_denoiser(
        train_symmetric.Params(**recipe), shape, points, SCHEDULE, torch.device("cpu")
    )
    fresh, _ = train_fresh.train_denoiser(
        train_fresh.Params(points=400, **recipe), shape, SCHEDULE, torch.device("cpu")
    )
    assert len(losses) == 500
    assert finite.symmetric
    assert fresh.symmetric
    params = excess_sources.Params(seed=0, draws=5000)
    by_points, by_new = (excess_sources.excess(each, SCHEDULE, params) for each in (finite, fresh))
    assert by_new < 0.02
    assert by_points > 1.5 * by_new


def test_points_of_ones_own_are_not_taken_for_symmetric() -> None:
    document = read(ROOT / "params.yaml")
    document["train_diffusion"]["symmetric"] = True
    check(document)
    document["points"]["file"] = "own.csv"
    with pytest.raises(InputError) as error:
        check(document)
    assert str(error.value) == (
        "params.yaml: train_diffusion.symmetric = True: must be false for points of your own, "
        "which need not have the square's symmetries"
    )
    document["train_diffusion"]["symmetric"] = False
    check(document)


def test_of_points_of_ones_own_nothing_is_trained_nor_taken_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    monkeypatch.chdir(tmp_path)
    write_arrays("data/origin.npz", square=False)
    for stage in (train_symmetric, train_fresh, excess_sources):
        stage.main()
    assert capsys.readouterr().out.count("left out, the points are not of the square") == 3
    assert Path("plots/excess_sources.csv").read_text() == "source,excess\n"
    assert Path("plots/train_fresh.csv").read_text() == "step,loss\n"
