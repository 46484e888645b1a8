"""The explorer in headless Chromium, next to the same computations in torch.

Opens plots/explorer.html, which `dvc repro explorer` makes, and needs Chromium, its driver and the
test extras. Prints a table and writes its section of docs/benchmarks.md. About a minute.
"""

import lab.core.numerics  # noqa: F401  # isort: skip

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch

from benchmarks.document import machine, markdown, write_section
from lab.core.entry import run
from lab.example import plain_parser
from lookingglass.diffusion.samplers import sample, uniform_times
from lookingglass.diffusion.weights import load_denoiser
from lookingglass.errors import InputError
from lookingglass.gpt.generation import next_probs
from lookingglass.gpt.weights import load_gpt
from tests.browser import chromium

PAGE = Path("plots/explorer.html")
POINTS, STEPS = 1000, 50
TIME = 64  # positions

TEXT = """\
## The explorer: the models in the browser

Run on {machine}; Chromium {browser}.

{table}

Medians of {rounds}. The page opens from a file of {size:.1f} MB; opened means that all functions
answer and the first panel is drawn. Sampling is by Euler's method; all states are kept. The token's
distribution is over all 50,257 tokens; the page, like `generate`, keeps keys and values of what it
has read, so "read anew" is the worst case. Scrubbing moves the time slider once per frame, with
{points:,} points on each side.
"""

SAMPLE = """
const [noise, steps] = arguments
return lookingGlass.diffusion.sample({ model: "diffusion", solver: "euler", noise, steps })
"""
ANEW = "return lookingGlass.gpt.next(arguments[0].with(0, (arguments[1] * 7919) % 50257))"
CONTINUED = "return lookingGlass.gpt.next(arguments[0].with(-1, (arguments[1] * 7919) % 50257))"
TIMED = """
const done = arguments[arguments.length - 1]
const given = [...arguments].slice(0, -2)
const work = (...arguments) => { WORK }
const times = []
for (let round = -1; round < arguments[arguments.length - 2]; round++) {
  const start = performance.now()
  work(...given, round + 1)
  times.push(performance.now() - start)
}
done(times.slice(1))
"""
SCRUB = """
const done = arguments[arguments.length - 1]
const time = document.querySelector("#noise-to-data .time")
const frames = []
const next = (now) => {
  frames.push(now)
  if (frames.length > Number(time.max)) return done(frames.slice(1).map((t, i) => t - frames[i]))
  time.value = frames.length
  time.dispatchEvent(new Event("input"))
  requestAnimationFrame(next)
}
requestAnimationFrame(next)
"""


def milliseconds(work: Callable[[int], object], rounds: int) -> float:
    """The median over rounds, after one that is not counted."""
    times = []
    for index in range(rounds + 1):
        start = time.perf_counter()
        work(index)
        times.append(1000 * (time.perf_counter() - start))
    return median(times[1:])


def in_torch(noise: torch.Tensor, ids: torch.Tensor, rounds: int) -> tuple[float, float]:
    """The two computations that torch does, too: sampling, and a token read anew."""
    denoiser, gpt = (
        load_denoiser("models/diffusion.safetensors"),
        load_gpt("models/gpt.safetensors"),
    )
    times = uniform_times(STEPS)
    sampling = milliseconds(
        lambda _: sample(denoiser, denoiser.schedule, noise, times=times, trajectory=True), rounds
    )
    with torch.no_grad():
        token = milliseconds(
            lambda _: next_probs(gpt, gpt(ids[None], last=1)[0, -1], 1.0, None), rounds
        )
    return sampling, token


def in_page(noise: torch.Tensor, ids: torch.Tensor, rounds: int) -> tuple[dict[str, float], str]:
    """What the page takes, in ms, by what it does; and the browser's version."""
    with tempfile.TemporaryDirectory() as folder, chromium(Path(folder)) as browser:
        browser.set_script_timeout(120)
        opened = []
        for _ in range(rounds + 1):
            browser.get("about:blank")
            browser.get(PAGE.absolute().as_uri())
            mark = None
            while mark is None:
                mark = browser.execute_script(
                    "return performance.getEntriesByName('ready')[0]?.startTime ?? null"
                )
            opened.append(mark)

        def timed(work: str, *given: object) -> float:
            script = TIMED.replace("WORK", work)
            times: list[float] = browser.execute_async_script(script, *given, rounds)
            return median(times)

        time.sleep(3)  # until the first panel has computed what it does in the background
        taken = {
            "open": median(opened[1:]),
            "scrub": median(browser.execute_async_script(SCRUB)),
            "sample": timed(SAMPLE, noise.tolist(), STEPS),
            "anew": timed(ANEW, ids.tolist()),
            "continued": timed(CONTINUED, ids.tolist()),
        }
        return taken, str(browser.capabilities["browserVersion"])


def main() -> None:
    """Measure, print, and write the section."""
    parser = plain_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="of each measurement")
    rounds = parser.parse_args().rounds
    if not PAGE.is_file():
        raise InputError(f"{PAGE}: not there; 'dvc repro explorer' makes it")
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(POINTS, 2, generator=generator)
    ids = torch.randint(0, 50257, (TIME,), generator=generator)
    page, browser = in_page(noise, ids, rounds)
    sampling, token = in_torch(noise, ids, rounds)

    def row(name: str, ours: float, torchs: float | None = None) -> list[str]:
        peer = ["", ""] if torchs is None else [f"{torchs:.3g}", f"{ours / torchs:.2g}"]
        return [name, f"{ours:.3g}", *peer]

    rows = [
        row("open the page", page["open"]),
        row(f"{POINTS:,} points, {STEPS} steps of the network", page["sample"], sampling),
        row(f"the next token at {TIME} positions, read anew", page["anew"], token),
        row(f"the next token at {TIME} positions, one of them new", page["continued"]),
        row("a frame while scrubbing", page["scrub"]),
    ]
    body = TEXT.format(
        machine=machine(), browser=browser.split(".")[0], rounds=rounds, points=POINTS,
        size=PAGE.stat().st_size / 1e6, table=markdown(["", "ms", "torch, ms", "times"], rows),
    )  # fmt: skip
    print(body)
    write_section("explorer", body)


if __name__ == "__main__":
    run(main)
