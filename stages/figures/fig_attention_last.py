"""What the last block attended to for the 11th word (exercise 3.2.4, question 3)."""

from lab.core.entry import run
from lab.drawing.attention_page import draw


def main() -> None:
    draw("last")


if __name__ == "__main__":
    run(main)
