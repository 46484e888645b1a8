"""What the first block looked at when it wrote the 11th word (exercise 3.2.4, question 4)."""

from stages.entry import run
from stages.figures.attention_page import draw


def main() -> None:
    draw("first")


if __name__ == "__main__":
    run(main)
