"""The classes' regions: what counts as a partition, and which region a point belongs to."""

from pathlib import Path

import pytest
import torch

from lab.core.params import load
from lookingglass.diffusion.regions import check_partition, classify
from lookingglass.diffusion.truth import SQUARE, UniformBox
from lookingglass.errors import InputError
from stages.diffusion.classes import Params, to_region
from tests.conftest import ROOT

PINWHEEL = [to_region(c) for c in load("classes", Params, ROOT / "params.yaml").regions]
LEFT, RIGHT = UniformBox((-1.0, -1.0), (0.0, 1.0)), UniformBox((0.0, -1.0), (1.0, 1.0))


def test_the_pinwheel_and_halves_are_partitions() -> None:
    check_partition(PINWHEEL, SQUARE)
    check_partition([LEFT, RIGHT], SQUARE)
    assert sum(region.area for region in PINWHEEL) == pytest.approx(4)


@pytest.mark.parametrize(
    ("regions", "message"),
    [
        ([LEFT], r"no region covers \(0\.5, 0\)"),
        ([LEFT, UniformBox((0.001, -1.0), (1.0, 1.0))], r"no region covers \(0\.0005, 0\)"),
        (
            [LEFT, UniformBox((-0.001, -1.0), (1.0, 1.0))],
            r"regions 0 and 1 both cover \(-0\.0005, 0\)",
        ),
        ([LEFT, RIGHT, UniformBox((-0.1, -0.1), (0.1, 0.1))], r"regions 0 and 2 both cover"),
        (
            [LEFT, UniformBox((0.0, -1.0), (1.0, 1.25))],
            r"region 1 sticks out, from \(0\.0, -1\.0\)",
        ),
        (PINWHEEL[1:], r"no region covers \(0, 0\)"),
    ],
)
def test_what_is_not_a_partition(regions: list[UniformBox], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_partition(regions, SQUARE)


@pytest.mark.parametrize(
    ("regions", "message"),
    [
        ("[[-1, -1, 0, 1], [0.5, -1, 1, 1]]", "no region covers (0.25, 0)"),
        ("[[-1, -1, 0, 1], [-0.5, -1, 1, 1]]", "regions 0 and 1 both cover (-0.25, 0)"),
        ("[[-1, -1, 0, 1], [0, -1, 2, 1]]", "region 1 sticks out"),
        ("[[-1, -1, 0, 1], [1, -1, 0, 1]]", "low must be below high"),
        ("[[-1, -1, 0], [0, -1, 1, 1]]", "a list"),
    ],
)
def test_bad_regions_are_one_line(regions: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(f"classes: {{regions: {regions}}}")
    with pytest.raises(InputError) as error:
        load("classes", Params, path)
    assert str(error.value).startswith(f"{path}: classes.regions")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_points_belong_to_the_region_they_are_in() -> None:
    x = torch.tensor([[0.0, 0.0], [-0.5, -0.9], [0.9, 0.0], [0.0, 0.9], [-0.9, 0.0], [1.5, 0.0]])
    assert classify(x, PINWHEEL).tolist() == [0, 1, 2, 3, 4, -1]
    assert classify(torch.zeros(1, 2), [LEFT, RIGHT]).tolist() == [0]  # on the shared edge
    everywhere = torch.rand(10_000, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1
    shares = torch.bincount(classify(everywhere, PINWHEEL)) / 10_000
    expected = torch.tensor([region.area for region in PINWHEEL]) / 4
    torch.testing.assert_close(shares, expected, atol=0.02, rtol=0)
