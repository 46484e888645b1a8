"""A download is made once and found again, even by an experiment in a folder of its own."""

from pathlib import Path

import pytest

from tests.conftest import Checkout
from tests.gpt.test_corpus import OFFLINE


@pytest.mark.long
@pytest.mark.pipeline
def test_an_experiment_in_a_folder_of_its_own(small: Checkout, tmp_path: Path) -> None:
    small.commit("Small")
    text = tmp_path / "own.txt"
    text.write_text("What a person wrote. " * 2000)
    small.run("dvc", "exp", "run", "--temp", "-S", f"corpus.file={text}", "tokens", **OFFLINE)
    assert not (small.path / "data").exists(), "it ran elsewhere"
