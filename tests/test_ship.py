"""Shipped artifacts: this repository's are whole, and what is wrong with others' is said."""

import pytest

from tests.conftest import Checkout

pytestmark = pytest.mark.pipeline


def check(checkout: Checkout) -> str:
    done = checkout.run("python", "-m", "stages.ship", "--check", check=False)
    assert done.returncode == (2 if done.stderr else 0)
    return done.stderr


def objects(checkout: Checkout) -> list[str]:
    return checkout.run("git", "ls-files", ".dvc/cache").stdout.split()


def test_this_repository_ships_its_weights(clone: Checkout) -> None:
    assert check(clone) == ""
    assert objects(clone)


def test_damage_is_named_and_the_cure_works(clone: Checkout) -> None:
    name = objects(clone)[0]
    path = clone.path / name
    path.write_bytes(path.read_bytes()[:-1])
    path.chmod(0o444)  # DVC trusts a read-only object without looking
    message = check(clone)
    assert f"{name} is damaged" in message
    path.unlink()
    assert "is gone" in check(clone)
    clone.run("git", "checkout", name)
    assert check(clone) == ""


def test_a_stray_object_and_a_missing_one_are_named_and_shipping_mends_it(clone: Checkout) -> None:
    name = objects(clone)[0]
    clone.run("git", "rm", "--quiet", "--cached", name)
    stray = clone.path / ".dvc" / "cache" / "files" / "md5" / "00" / ("0" * 30)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"stray")
    clone.run("git", "add", "--force", str(stray))
    message = check(clone)
    assert f"its object {name} is not in git" in message
    assert "in git, but no trained artifact" in message
    clone.run("python", "-m", "stages.ship")
    assert check(clone) == ""
    assert str(stray.relative_to(clone.path)) not in objects(clone)
