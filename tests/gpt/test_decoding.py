import pytest
import torch
from torch import Tensor

from lookingglass.gpt.decoding import Decoder, one_thread
from lookingglass.gpt.model import GPT


@pytest.mark.parametrize("read", [1, 5, 15])
@torch.no_grad()
def test_token_by_token_is_all_at_once(gpt: GPT, ids: Tensor, read: int) -> None:
    decoder = Decoder(gpt)
    for _ in range(2):  # it can be used again
        logits = [decoder.read(ids[:read])] + [decoder.step(int(id)) for id in ids[read:16]]
        expected = gpt(ids[None, :16])[0, read - 1 :]
        assert float((torch.stack(logits) - expected).abs().max()) < 1e-5
        assert decoder.time == 16
        with pytest.raises(ValueError, match="17 tokens; there are positions for 16"):
            decoder.step(5)


@torch.no_grad()
def test_the_number_of_threads_is_the_callers(gpt: GPT, ids: Tensor) -> None:
    before, used = torch.get_num_threads(), []
    decoder = Decoder(gpt)
    decoder.read(ids[:15])
    torch.set_num_threads(3)
    try:
        with one_thread():
            used.append(torch.get_num_threads())
        decoder.step(5)
        used.append(torch.get_num_threads())
        with pytest.raises(ValueError, match="positions"):
            decoder.step(5)
        used.append(torch.get_num_threads())
    finally:
        torch.set_num_threads(before)
    assert used == [1, 3, 3]
