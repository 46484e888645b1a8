/** The words of the panel "Inversion". */
export const inversion = {
  title: "Inversion",
  intro:
    "Adam changes input vectors, one for each token, until the frozen GPT outputs a given sentence: " +
    "output i is to be token i. Press Play. Do the vectors become tokens? Their nearest ones are below " +
    "them, with what the model says when it gets these tokens instead.",
  iteration: "iteration",
  level: "iteration {STEP} of {LAST}",
  by: "nearest token by",
  bys: { cosine: "cosine similarity", distance: "distance" },
  position: "position",
  sentence: "The sentence, token by token",
  wanted: "wanted",
  says: "for the vectors, the model says",
  nearest: "nearest token",
  saysNearest: "for these tokens, it says",
  token: "{TOKEN}, position {POSITION}: log-probability {LOGPROB}",
  hit: "as wanted",
  vectors: "The vectors",
  tokens: "Their nearest tokens",
  matches: "matches",
  ofAll: "{MATCHES} of {ALL}",
  loss: "loss (nats per token)",
  similarity: { cosine: "mean cosine similarity", distance: "mean distance" },
  logProb: "log-probability of the wanted token",
  wantedSimilarity: {
    cosine: "cosine similarity to the wanted token",
    distance: "distance to the wanted token",
  },
  chosen: "Position {POSITION}, wanted: {TOKEN}",
  likeliest: "What the model says here",
  closest: "Tokens nearest to the vector",
  keys:
    "The stronger a wanted token's colour, the likelier it is. Select one to look at its position. With the " +
    "keyboard: arrow keys, Home and End move along the sentence and along the iterations.",
  recorded:
    "Shown is restart {RESTART} (counted from 0): of those that produce the most tokens, the first " +
    "to get there. Of its iterations, {COUNT} are recorded: all of the first, those around each " +
    "change of the matches, and a few of the others.",
  series: { vectors: "vectors", nearest: "nearest tokens" },
  matchesChart: "Matches by iteration, of the vectors and of their nearest tokens",
  lossChart: "Loss by iteration, of the vectors and of their nearest tokens",
  matchesAxis: "matches",
  lossAxis: "loss",
  computing: "Reading all iterations: {DONE} of {ALL}",
  noPipeline: "The pipeline takes at least one step: choose a later iteration to get its command.",
};
