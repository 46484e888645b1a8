"""Right solutions that are written differently: code that takes the place of the reference's."""

DIFFUSION = {
    "loops": """
def jump(x_0, t, eps):
    return torch.stack([x + sigma(time) * e for x, time, e in zip(x_0, t, eps)])

def estimate_denoised(x_t, t, eps):
    return torch.stack([x - sigma(time) * e for x, time, e in zip(x_t, t, eps)])

def score(x_t, t, x_0):
    rows = [(a - b) / sigma(time) ** 2 for a, b, time in zip(x_0, x_t, t)]
    return torch.stack(rows)

def diffusion_loss(x, denoiser, steps, draws, generator):
    each = []
    for point in x:  # one point at a time, all draws at once
        point = point.repeat(draws, 1)
        t = 1 / steps + (1 - 1 / steps) * torch.rand(draws, generator=generator)
        eps = torch.randn(draws, 2, generator=generator)
        x_t = point + sigma(t)[:, None] * eps
        x_0 = x_t - sigma(t)[:, None] * denoiser(x_t, t)
        weight = 1 / sigma(t - 1 / steps) ** 2 - 1 / sigma(t) ** 2
        each.append((weight * ((point - x_0) ** 2).sum(1)).mean() * steps / 2)
    return torch.stack(each)
""",
    "float64": """
def sigma(t):
    return torch.exp(CONFIG.rate * (t.double() - 1))

def jump(x_0, t, eps):
    return x_0.double() + sigma(t)[:, None] * eps

def loss(denoiser, x_0, generator):
    t = torch.rand(len(x_0), generator=generator, dtype=torch.float64)
    eps = torch.randn(len(x_0), 2, generator=generator, dtype=torch.float64)
    x_t = jump(x_0, t, eps)
    return torch.nn.functional.mse_loss(denoiser(x_t, t).double(), eps)

def algorithm_1(denoiser, z, steps):
    z = z.double()
    for time in torch.linspace(1, 0, steps + 1, dtype=torch.float64):  # 0 included
        t = time.repeat(len(z))
        z = z - CONFIG.rate * sigma(t)[:, None] * denoiser(z, t) / steps
    return z

def train(points, generator):
    network = Network(generator).double()
    return fit(network, 600, lambda: loss(network, points, generator))

def train_conditional(points, labels, generator):
    network = Network(generator, classes=len(CONFIG.regions)).double()
    return fit(
        network, 800, lambda: loss(lambda x, t: network(x, t, labels), points, generator)
    )
""",
    "exact increments": """
def simulate(x_0, steps, generator):
    variance = sigma(torch.linspace(0, 1, steps + 1)) ** 2
    scale = variance.diff().sqrt()[:, None, None]
    added = scale * torch.randn(steps, *x_0.shape, generator=generator)
    return torch.cat([x_0[None], x_0 + added.cumsum(0)])

def faster_sampler(denoiser, z, evaluations):
    # 2M, on a grid that is even in log sigma: the slope from this and the last evaluation
    times, last = torch.linspace(1, 0, evaluations + 1), None
    for now, after in zip(times[:-1], times[1:]):
        eps = denoiser(z, now.repeat(len(z)))
        x_0 = z - sigma(now) * eps
        guess = x_0 if last is None else 1.5 * x_0 - 0.5 * last
        ratio = sigma(after) / sigma(now)
        z, last = ratio * z + (1 - ratio) * guess, x_0
    return z

def stochastic_sampler(denoiser, z, steps, generator):
    # ancestral steps
    times = torch.linspace(1, 0, steps + 1)
    for now, after in zip(times[:-1], times[1:]):
        s, r = sigma(now), sigma(after)
        up = r * (1 - (r / s) ** 2).sqrt()
        eps = denoiser(z, now.repeat(len(z)))
        z = z - (s - (r**2 - up**2).sqrt()) * eps + up * torch.randn(z.shape, generator=generator)
    return z
""",
    "scalar times": """
def algorithm_1(denoiser, z, steps):
    for i in range(steps):
        t = torch.tensor(1 - i / steps)
        x_0 = z - sigma(t) * denoiser(z, t)
        z = z + sigma_dot(t) * (z - x_0) / sigma(t) * (-1 / steps)
    return z

def elbo(x, denoiser, steps, draws, generator):
    first = -diffusion_loss(x, denoiser, steps, draws, generator)
    kl = (x**2).sum(1) / 2  # sigma(1) = 1, so nothing else is left
    return first - kl - math.log(2 * math.pi) - 1 + 2 * CONFIG.rate

def flow_log_prob(x, denoiser, steps):
    def f(x, s):
        return denoiser(x, (1 + s.log() / CONFIG.rate).repeat(len(x)))

    h, total = 1e-3, torch.zeros(len(x), dtype=torch.float64)
    x, grid = x.double(), sigma(torch.linspace(0, 1, steps + 1, dtype=torch.float64))
    for s, r in zip(grid[:-1], grid[1:]):  # Heun, with the divergence by finite differences
        div = 0
        for axis in (0, 1):
            step = torch.zeros(2, dtype=torch.float64)
            step[axis] = h * s
            div = div + (f(x + step, s) - f(x - step, s))[:, axis] / (2 * h * s)
        eps = f(x, s)
        x = x + (r - s) * (eps + f(x + (r - s) * eps, r)) / 2
        total = total + (r - s) * div
    return total - (x**2).sum(1) / 2 - math.log(2 * math.pi)
""",
    "other networks": """
class Network(nn.Module):
    def __init__(self, generator, classes=0, width=96):
        super().__init__()
        torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
        self.classes = classes
        self.label = nn.Embedding(classes or 1, 12)
        self.one, self.two = nn.Linear(6 + 12, width), nn.Linear(width, width)
        self.three, self.end = nn.Linear(width, width), nn.Linear(width, 2)

    def forward(self, x, t, label=None):
        s = sigma(t)[:, None]
        label = torch.zeros(len(x), dtype=torch.int64) if label is None else label
        scaled = x / (s**2 + 0.5).sqrt()
        h = torch.cat([scaled, t[:, None], s, x.clamp(-2, 2), self.label(label)], 1)
        for layer in (self.one, self.two, self.three):
            h = torch.nn.functional.leaky_relu(layer(h), 0.1)
        return self.end(h) + s * x / (s**2 + 0.5)

def train_conditional(points, labels, generator):
    network, n = Network(generator, classes=len(CONFIG.regions)), len(points)
    def in_batches():
        chosen = torch.randint(n, (1500,), generator=generator)
        t = torch.rand(1500, generator=generator)
        eps = torch.randn(1500, 2, generator=generator)
        found = network(points[chosen] + sigma(t)[:, None] * eps, t, labels[chosen])
        return ((found - eps) ** 2).mean()
    return fit(network, 1200, in_batches)
""",
}

GPT = {
    "loops": """
def causal_attention(q, k, v):
    B, H, T, d = q.shape
    scores = torch.full((B, H, T, T), -math.inf)
    for i in range(T):
        for j in range(i + 1):
            scores[:, :, i, j] = (q[:, :, i] * k[:, :, j]).sum(-1) / d**0.5
    weights = torch.softmax(scores, -1)
    return torch.einsum("bhij,bhjd->bhid", weights, v), scores, weights

def next_token_loss(logits, ids):
    terms = [
        -text[i].log_softmax(0)[of[i + 1]]
        for text, of in zip(logits, ids)
        for i in range(len(of) - 1)
    ]
    return torch.stack(terms).mean()

def word_scores(scores, word):
    rows = [scores[head, place - 1, : word.start] for head in range(len(scores)) for place in word]
    return sum(rows) / len(rows)

def sentence_log_prob(logits, ids):
    return sum(float(row.log_softmax(0)[id]) for row, id in zip(logits[:-1], ids[1:]))
""",
    "float64": """
def causal_attention(q, k, v):
    q, k, v = q.double(), k.double(), v.double()
    scores = (q @ k.transpose(2, 3)) / q.size(-1) ** 0.5
    scores = scores + torch.triu(torch.full(scores.shape[-2:], -math.inf, dtype=torch.float64), 1)
    weights = torch.exp(scores - scores.logsumexp(-1, keepdim=True))
    return weights @ v, scores, weights

def next_token_probs(logits, temperature, top_k):
    p = torch.softmax(logits.double() / temperature, 0)
    p = torch.where(p >= p.sort(descending=True).values[top_k - 1], p, 0)
    return p / p.sum()
""",
    "torch's own": """
def causal_attention(q, k, v):
    T, d = q.shape[-2:]
    out = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    scores = torch.einsum("bhid,bhjd->bhij", q, k).div(math.sqrt(d))
    scores = torch.where(torch.ones(T, T).tril() > 0, scores, -torch.inf)
    return out, scores, nn.functional.softmax(scores, dim=3)

class Block(nn.TransformerEncoderLayer):
    def __init__(self, n_embd, n_head):
        super().__init__(
            n_embd, n_head, 4 * n_embd, dropout=0.0, activation="gelu", batch_first=True,
            norm_first=True,
        )

    def forward(self, x):
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        return super().forward(x, src_mask=mask, is_causal=True)

def next_token_loss(logits, ids):
    predicted = torch.distributions.Categorical(logits=logits[:, :-1])
    return -predicted.log_prob(ids[:, 1:]).mean()

def next_token_probs(logits, temperature, top_k):
    order = logits.argsort(descending=True)
    kept = logits.clone()
    kept[order[top_k:]] = -math.inf
    return torch.distributions.Categorical(logits=kept / temperature).probs

def sentence_log_prob(logits, ids):
    return float(-cross_entropy(logits[:-1], ids[1:], reduction="sum"))
""",
    "one-hot": """
def next_token_loss(logits, ids):
    targets = nn.functional.one_hot(ids, logits.shape[-1])[:, 1:].to(logits)
    return -(targets * logits[:, :-1].log_softmax(-1)).sum(-1).mean()

def next_token_probs(logits, temperature, top_k):
    least = sorted(logits.tolist())[-top_k]
    p = torch.tensor([math.exp(x / temperature) if x >= least else 0 for x in logits.tolist()])
    return p / p.sum()

class Block(nn.Module):
    # attention and MLP side by side, both of the same input
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.shape = n_head, n_embd // n_head
        self.norm = nn.LayerNorm(n_embd, elementwise_affine=False)
        self.wide = nn.Linear(n_embd, 3 * n_embd + 2 * n_embd)
        self.attended, self.mlp = nn.Linear(n_embd, n_embd), nn.Linear(2 * n_embd, n_embd)
        self.split = [n_embd, n_embd, n_embd, 2 * n_embd]

    def forward(self, x):
        *by_head, hidden = self.wide(self.norm(x)).split(self.split, -1)
        q, k, v = (part.unflatten(-1, self.shape).movedim(-2, 1) for part in by_head)
        out = causal_attention(q, k, v)[0].movedim(1, -2).flatten(-2)
        return x + self.attended(out) + self.mlp(nn.functional.silu(hidden))

def invert(model, embedding, ids, generator):
    x = torch.zeros(len(ids), embedding.shape[1], requires_grad=True)
    lbfgs = torch.optim.LBFGS([x], lr=0.5, max_iter=100)
    def closure():
        lbfgs.zero_grad()
        loss = cross_entropy(model(x[None])[0], ids)
        loss.backward()
        return loss
    for _ in range(4):
        lbfgs.step(closure)
    return x.detach()

def word_scores(scores, word):
    flat = scores[:, word.start - 1 : word.stop - 1].flatten(0, 1)
    return torch.stack([flat[:, j].mean() for j in range(word.start)])

def sentence_log_prob(logits, ids):
    p = logits.double().softmax(-1)
    return math.fsum(math.log(p[i, ids[i + 1]]) for i in range(len(ids) - 1))
""",
    "post-norm": """
class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.heads = n_head
        self.q, self.k, self.v = (nn.Linear(n_embd, n_embd, bias=False) for _ in range(3))
        self.out = nn.Linear(n_embd, n_embd)
        wide = 2 * n_embd
        self.mlp = nn.Sequential(
            nn.LayerNorm(n_embd), nn.Linear(n_embd, wide), nn.SiLU(), nn.Linear(wide, n_embd)
        )
        self.norm = nn.LayerNorm(n_embd)

    def forward(self, x):
        y = self.norm(x)
        parts = []
        for q, k, v in zip(*(layer(y).chunk(self.heads, -1) for layer in (self.q, self.k, self.v))):
            out, _, _ = causal_attention(q[:, None], k[:, None], v[:, None])
            parts.append(out[:, 0])
        x = x + self.out(torch.cat(parts, -1))
        return x + self.mlp(x)

def invert(model, embedding, ids, generator):
    start = embedding[torch.randint(len(embedding), (len(ids),), generator=generator)]
    x = start.clone().requires_grad_()
    adam = torch.optim.Adam([x], lr=0.05)
    for _ in range(500):
        log_p = model(x[None])[0].log_softmax(-1)
        loss = -log_p[torch.arange(len(ids)), ids].sum()
        adam.zero_grad()
        loss.backward()
        adam.step()
    return x.detach()
""",
}
