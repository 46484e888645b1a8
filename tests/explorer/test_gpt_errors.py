"""Wrong input to the explorer's GPT gets a sentence."""

from tests.explorer.gpt_in_node import JS, needs_node

pytestmark = needs_node


def test_wrong_input_is_told(js: JS) -> None:
    found = js("""[
      () => gpt.logProbs([1]),
      () => gpt.logProbs(Array(66).fill(1)),
      () => gpt.next([]),
      () => gpt.next([1, -2]),
      () => gpt.next([50257]),
      () => gpt.next([1], { temperature: -1 }),
      () => gpt.next([1], { topK: 0 }),
      () => gpt.attention(Array(65).fill(1), 0),
      () => gpt.attention([1], 4),
    ].map(caught)""")
    assert found == [
        "RangeError: 1 tokens: must be at least 2",
        "RangeError: 65 tokens; there are positions for 64",
        "RangeError: 0 tokens: must be at least 1",
        "RangeError: -2: not one of GPT-2's token ids",
        "RangeError: 50257: not one of GPT-2's token ids",
        "RangeError: temperature = -1: must be at least 0",
        "RangeError: topK = 0: must be at least 1",
        "RangeError: 65 tokens; there are positions for 64",
        "RangeError: block 4: there are 4",
    ]
