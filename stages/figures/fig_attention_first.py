"""What the first block attended to for the 11th word (exercise 3.2.4, question 4)."""

from lab.core.entry import run
from lab.drawing.attention_page import draw


def main() -> None:
    draw("first")


if __name__ == "__main__":
    run(main)
