"""A neural cache: a model of what has just been read, beside a GPT (Grave et al. 2017, ICLR).

A text repeats itself: names, and words of its subject. The cache gives each token a probability in
proportion to how similar the GPT's hidden state was each time that it came before. Nothing is
trained; the GPT is only mixed with it.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from lookingglass.gpt.model import GPT
from lookingglass.gpt.scoring import windows_to_score

ROWS = 256  # computed at a time, so that memory grows with the length of the text, not its square


@torch.no_grad()
def hidden_states(
    gpt: GPT, ids: Int64[Tensor, " time"], *, stride: int
) -> Float[Tensor, "time-1 n_embd"]:
    """What the head sees before each token but the first, in the windows of `scoring.log_prob`."""
    return torch.cat(
        [
            gpt.hidden(part[:, :-1], last=last).flatten(0, 1)
            for windows, last in windows_to_score(ids, gpt.config.block_size, stride)
            for part in windows.split(ROWS)
        ]
    )


def cache_log_prob(
    hidden: Float[Tensor, "n n_embd"], targets: Int64[Tensor, " n"], theta: float
) -> Float[Tensor, " n"]:
    """log p(targets[i] | what came before it), in nats, by the cache alone (equation 3).

    p(w | history) is proportional to the sum of exp(theta hidden[i] . hidden[j]) over the j < i
    with targets[j] = w. A token that has not come before has -inf, and so has the first.
    """
    found = []
    for start in range(0, len(targets), ROWS):
        rows = slice(start, start + ROWS)
        scores = theta * hidden[rows] @ hidden.T
        place = torch.arange(len(targets), device=targets.device)
        later = place >= place[rows, None]
        same = targets[rows, None] == targets
        history = scores.masked_fill(later, -torch.inf)
        came = history.masked_fill(~same, -torch.inf)
        found.append(came.logsumexp(dim=1) - history.logsumexp(dim=1))
    return torch.cat(found).nan_to_num(nan=-torch.inf, neginf=-torch.inf)  # the first has no past
