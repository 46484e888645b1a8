"""`make` says which stages give other bytes on this machine than those in git."""

import pytest

from tests.conftest import Checkout

pytestmark = pytest.mark.pipeline


def said(checkout: Checkout) -> str:
    return checkout.run("python", "-m", "tools.other_bytes").stdout


def test_other_bytes(made: Checkout) -> None:
    assert said(made) == "", "all as committed"
    lock = made.path / "dvc.lock"
    text = lock.read_text()
    out = text[text.index("path: data/forward.npz") :]
    md5 = out[out.index("md5: ") + 5 :].split("\n")[0]
    lock.write_text(text.replace(md5, 32 * "0"))
    # but not fig_forward: it read another file than the one that dvc.lock now names
    assert said(made).startswith("  different bytes than in git: forward (another kind of ")
    made.run("git", "checkout", "dvc.lock", "metrics", "plots")
    assert said(made) == ""
    made.set("forward.steps", 10)
    made.repro("forward")
    assert said(made) == "", "it was made with another parameter"
