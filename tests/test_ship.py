"""Shipped artifacts: this repository's are intact, and any damage is named."""

import pytest

from tests.conftest import Checkout

pytestmark = pytest.mark.pipeline


def check(checkout: Checkout) -> str:
    done = checkout.run("python", "-m", "tools.ship", "--check", check=False)
    assert done.returncode == (2 if done.stderr else 0)
    return done.stderr


def objects(checkout: Checkout) -> list[str]:
    return checkout.run("git", "ls-files", ".dvc/cache").stdout.split()


def test_this_repository_ships_its_weights(clone: Checkout) -> None:
    assert check(clone) == ""
    assert objects(clone)


def test_damage_is_named_and_the_fix_works(clone: Checkout) -> None:
    name = objects(clone)[0]
    path = clone.path / name
    path.write_bytes(path.read_bytes()[:-1])
    path.chmod(0o444)  # DVC trusts a read-only object without checking it
    message = check(clone)
    assert f"{name} is damaged" in message
    path.unlink()
    assert "is missing" in check(clone)
    clone.run("git", "checkout", name)
    assert check(clone) == ""


def test_stray_and_missing_objects_are_named_and_shipping_fixes_both(clone: Checkout) -> None:
    name = objects(clone)[0]
    clone.run("git", "rm", "--quiet", "--cached", name)
    stray = clone.path / ".dvc" / "cache" / "files" / "md5" / "00" / ("0" * 30)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"stray")
    clone.run("git", "add", "--force", str(stray))
    message = check(clone)
    assert f"its object {name} is not in git" in message
    assert "in git, but no trained artifact" in message
    clone.run("python", "-m", "tools.ship")
    assert check(clone) == ""
    assert str(stray.relative_to(clone.path)) not in objects(clone)


def test_the_report_and_the_pages_in_docs_are_those_of_dvc_lock(made: Checkout) -> None:
    """Git has them for readers; those of the small pipeline differ from this repository's."""
    problems = check(made)
    for name in ("report", "beyond"):
        assert f"docs/{name}.pdf: not report/{name}.pdf as dvc.lock has it" in problems
    made.run("python", "-m", "tools.ship")
    assert check(made) == ""
    page = made.path / "docs" / "models" / "gpt.md"
    assert page.read_bytes() == (made.path / "models" / "pages" / "gpt.md").read_bytes()
    page.write_text("edited by hand")
    assert "docs/models/gpt.md: not models/pages/gpt.md as dvc.lock has it" in check(made)
    made.run("python", "-m", "tools.ship")
    assert check(made) == ""

    made.set("report.author", "somebody")
    made.run("python", "-m", "stages.report")  # without DVC, so dvc.lock still has the old one
    (made.path / "docs" / "report.pdf").unlink()
    done = made.run("python", "-m", "tools.ship", check=False)
    assert done.returncode == 2
    assert done.stderr == "report/report.pdf: not as dvc.lock says; run 'dvc repro' first\n"
