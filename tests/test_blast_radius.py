"""The stages that a key of params.yaml reaches. (test_pipeline.py tests that DVC agrees.)"""

from dataclasses import dataclass

import pytest

from tests.conftest import ROOT
from tools.blast_radius import OUTPUT, leaf_keys, radius, table
from tools.pipeline import Stage, declared

# sections that further stages depend on, and those that have a test of their own
UPSTREAM = {
    "schedule", "points", "classes", "corpus", "tokens", "ngram", "style", "train_diffusion",
    "train_plain", "train_symmetric", "train_fresh", "train_conditional", "train_gpt", "language",
    "train_language",
}  # fmt: skip

# experiments that are not in the report, whose pages are counted, but in the second document only
BEYOND = {"language", "train_language", "evaluate_language", "language_sentence", "scaling"}

PAGES = {"report", "beyond", "model_pages", "explorer"}  # they cover both halves


@dataclass
class Pipeline:
    stages: dict[str, Stage]
    reached: dict[str, set[str]]  # by each key of params.yaml

    @property
    def figures(self) -> set[str]:
        return {name for name in self.stages if name.startswith("fig_")}

    def readers(self, name: str) -> set[str]:
        """The stages that read what this one writes."""
        written = set(self.stages[name].outs)
        return {reader for reader, stage in self.stages.items() if written & set(stage.deps)}

    def halves(self, name: str) -> set[str]:
        """The half that a stage belongs to, diffusion or GPT; for a figure, by its data."""
        if name in self.figures:
            makers = [maker for maker in self.stages if name in self.readers(maker)]
            return set().union(*map(self.halves, makers))
        return {self.stages[name].command.removeprefix("python -m stages.").split(".")[0]}


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    stages = declared(ROOT)
    keys = [key for key in leaf_keys(ROOT) if not key.startswith("seeds.")]
    return Pipeline(stages, {key: radius(key, stages) for key in keys})


def test_further_seeds_reach_nothing_in_this_pipeline(pipeline: Pipeline) -> None:
    assert radius("seeds.numbers", pipeline.stages) == set()


def test_the_page_is_current() -> None:
    page = (ROOT / OUTPUT).read_text(encoding="utf-8")
    assert page == table(ROOT), "python -m tools.blast_radius"


def test_every_key_reaches_the_report_or_the_second_document(pipeline: Pipeline) -> None:
    for key, reached in pipeline.reached.items():
        of_beyond = key.partition(".")[0] in BEYOND
        assert ("report" in reached) == (not of_beyond), key
        assert "beyond" in reached or not of_beyond, key


def test_no_key_of_the_gpt_reaches_a_diffusion_stage_nor_the_other_way_round(
    pipeline: Pipeline,
) -> None:
    halves = {name: pipeline.halves(name) for name in pipeline.stages if name not in PAGES}
    assert {len(half) for half in halves.values()} == {1}
    for key, reached in pipeline.reached.items():
        if key.partition(".")[0] not in ("style", "report"):
            assert len(set().union(*(halves[name] for name in reached - PAGES))) == 1, key


def test_style_reaches_figures_and_the_documents_only(pipeline: Pipeline) -> None:
    for key in ("style.dpi", "style.width", "style.font_size"):
        assert pipeline.reached[key] == pipeline.figures | {"report", "beyond"}, key


def test_an_experiments_key_reaches_its_stage_its_figures_and_the_documents_only(
    pipeline: Pipeline,
) -> None:
    own = {key: key.partition(".")[0] for key in pipeline.reached}
    pages = PAGES - {"report"}  # the explorer plays back the inversion
    seen = set()
    for key, section in own.items():
        if section not in UPSTREAM and key != "invert.sentence":  # two stages read that
            figures = pipeline.readers(section) & pipeline.figures
            report = set() if section in BEYOND else {"report"}
            assert pipeline.reached[key] - pages == {section} | figures | report, key
            seen.add(section)
    assert seen >= {"sample", "sample_conditional", "likelihood", "attention", "steps", "generate"}
