# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A GPT on Alice in Wonderland
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/)
# (there, give the address of the repository that you have this from)
#
# A transformer learns one book. It says how probable each next token is, and all else follows from that:
# it writes, it scores sentences, it shows what it attended to, and it can be run backwards, to find
# the input that makes it say a given sentence.
#
# It takes a minute or two, without a GPU.

# %%
import importlib.util
import os
from pathlib import Path

if importlib.util.find_spec("lookingglass") is None:  # on Colab, say
    address = input("The address of the repository: ")
    # !git clone --quiet {address} looking-glass
    # %cd looking-glass
    # %pip install --quiet -c constraints.txt .
if Path("../params.yaml").exists():
    os.chdir("..")  # to the repository's root

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import torch

from lab.data.corpus import load_book, load_bpe
from lab.example import read_weights
from lookingglass.gpt.attention import attention
from lookingglass.gpt.beginning import begin
from lookingglass.gpt.generation import generate, next_probs
from lookingglass.gpt.inversion import invert, nearest, produced
from lookingglass.gpt.model import GPT, Config
from lookingglass.gpt.ngram import class_base, fit
from lookingglass.gpt.scoring import log_prob
from lookingglass.gpt.training import block_loss, train
from lookingglass.gpt.vocabulary import compact, encoding
from lookingglass.gpt.weights import load_gpt

plt.rcParams |= {
    "figure.dpi": 80, "figure.constrained_layout.use": True,
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
}  # fmt: skip


def seeded(seed):
    """A generator of its own for each purpose, so that running a cell again changes nothing."""
    return torch.Generator().manual_seed(seed)


# %% [markdown]
# ## Tokens
#
# GPT-2 reads and writes tokens: pieces of words, each with the space before it, of which it has 50,257.
# One book uses a few thousand. Our vocabulary has a row for each of these; all others share the rows
# of a few classes, such as words in *-ing*.

# %%
table = load_bpe()
text = load_book("lab/data/alice.toml").decode()
ids = torch.tensor(encoding(table).encode_ordinary(text))
training, validation = ids[: int(0.85 * len(ids))], ids[int(0.85 * len(ids)) : int(0.9 * len(ids))]
vocabulary = compact(table, training, ids[:0])

some = training[1000:1016]
print([encoding(table).decode([token]) for token in some.tolist()])
print(f"{len(ids):,} tokens, {len(training.unique()):,} different ones in the training part")

# %% [markdown]
# ## Training
#
# The model sees 64 tokens and predicts each one's successor: the targets are the inputs, shifted by
# one. A few dozen steps show how fast it learns, and how far it gets beyond the frequencies of the
# tokens; the model of the report has a few hundred.

# %%
config = Config(block_size=64, n_layer=4, n_head=4, n_embd=128, dropout=0.1)
small = GPT(config, vocabulary, seeded(0))
started = begin(small, training, muon_rate=0.02, adam_rate=2e-3, weight_decay=0.1)
recipe = {"steps": 30, "warmup": 10, "batch_size": 32, "rare": 0.7}
losses = list(train(started, training, **recipe, seed=0))

figure, axes = plt.subplots(figsize=(5, 2.8))
axes.plot(losses)
axes.set(xlabel="step", ylabel="loss (nats per token)")
print(f"validation loss after {recipe['steps']} steps: {block_loss(small.eval(), validation):.2f}")

# %% [markdown]
# How good is that? A model that only counts is a strong rival on so little text: modified Kneser-Ney
# takes seconds. From here on the GPT is the report's, which comes with the repository.

# %%
gpt = read_weights("models/gpt.safetensors", load_gpt)
counts = fit(training, order=5, base=class_base(training, table))
scored = validation[:1500]
by_gpt, by_counting = log_prob(gpt, scored, stride=16), counts.log_prob(scored)
print(f"GPT       {-by_gpt.mean():.3f} nats per token")
print(f"5-gram    {-by_counting.mean():.3f}")

# %% [markdown]
# ## Writing
#
# One token at a time, drawn from the distribution that the model gives. A temperature below 1 sharpens
# it, and top-k cuts off its tail.

# %%
prompt = gpt.encode("Alice was beginning to get very tired of")
for temperature in (0.3, 0.8, 1.2):
    new = generate(gpt, prompt, temperature=temperature, top_k=200, generator=seeded(0))
    tokens = torch.tensor([next(new) for _ in range(40)])
    print(f"temperature {temperature}:{gpt.decode(tokens)}\n")

# %%
logits = gpt(gpt.encode("said the")[None])[0, -1]
probabilities = next_probs(gpt, logits, temperature=1.0, top_k=None)
best = probabilities.topk(8)
figure, axes = plt.subplots(figsize=(5, 2.4))
names = [repr(gpt.decode(token[None])) for token in best.indices]
axes.barh(names, best.values)
axes.invert_yaxis()
_ = axes.set(xlabel="probability", title="said the ...")

# %% [markdown]
# ## How probable is a sentence?
#
# The sum of its tokens' log-probabilities, each given all before it.

# %%
sentences = ("The Queen of Hearts, she made some tarts", "The tarts of Hearts, she made some Queen")
for sentence in sentences:
    each = log_prob(gpt, gpt.encode(sentence))
    print(f"{sentence}: {each.sum():.1f} nats")

# %% [markdown]
# ## Attention
#
# Each token is predicted from the row *before* it: that is where the model looked when it chose the
# token. Here, the last word of a sentence, in the first block and in the last.

# %%
sentence = "Alice thought to herself, and she went on in a very low voice"
tokens = gpt.encode(sentence)
names = [gpt.decode(token[None]) for token in tokens]
row = len(tokens) - 2  # the one that predicts the last token
figure, grid = plt.subplots(2, 1, figsize=(8, 3.6), sharex=True)
for axes, block, title in zip(grid, (0, -1), ("first block", "last block"), strict=True):
    weights = attention(gpt, tokens, block).weights[:, row, : row + 1]  # (heads, seen)
    axes.imshow(weights, cmap="Blues", vmin=0, vmax=0.4, aspect="auto")
    axes.set(title=f"{title}, for {names[-1]!r}", ylabel="head", yticks=range(len(weights)))
_ = axes.set_xticks(range(row + 1), names[: row + 1], rotation=60, ha="right")

# %% [markdown]
# ## Backwards
#
# The weights are frozen now. Which *input vectors*, in place of token embeddings, make the model say a
# sentence that the book does not have? Gradient descent on the input finds some.

# %%
wanted = gpt.encode("I am a little squirrel holding a walnut")
found = invert(gpt, wanted, restarts=2, steps=120, learning_rate=0.1, generator=seeded(0))
for said in produced(gpt, embeddings=found.vectors):
    print(f"it says: {gpt.decode(said)}")
close = nearest(gpt, found.vectors)
print("the nearest tokens to what it was told:", gpt.decode(close.ids[0]))

# %% [markdown]
# The vectors lie far from any token: a model can be driven by inputs that no text has.
#
# ## Now play
#
# `docs/explorer.html` in the repository runs this model in your browser: type a beginning, see every next
# token's probability, hover over a word to see what it attended to, and watch an inversion as it runs. The
# report (`docs/report.pdf`) has all the questions in this order, and every number with its interval.
