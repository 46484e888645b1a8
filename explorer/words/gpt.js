/** The words of the panel "The GPT". */
export const gpt = {
  title: "The GPT",
  intro:
    "Type a text. Each token is coloured by its log-probability given those before it: the " +
    "stronger the orange, the more it surprised the model.",
  prompt: "prompt",
  tokens: "Tokens of the prompt, and those generated after it. Arrow keys move, Enter selects.",

  // numbers of a token
  first: '"{TEXT}": the first token, which the model does not predict',
  known: '"{TEXT}": log-probability {LOGPROB} (probability {P})',
  nextToken: "?: the token that comes next",
  hover: "Point at a token to see its number.",
  ifReplaced: "{ABOUT}; replaced by others: {CHANGE}",
  attended: "{ABOUT}; {QUANTITY} {VALUE}",
  quantities: { weight: "attention weight", score: "attention score" },

  // attention
  attention: "Attention",
  block: "block",
  head: "head",
  show: "show",
  quantity: "quantity",
  weight: "weight",
  score: "score",
  mean: "mean",
  selectOne: "Click a token (or ?) above. Blue then shows what its prediction attended to.",
  noAttention: "Nothing comes before the first token, so the model does not predict it.",
  attendedTo: 'The prediction of "{TEXT}" attended most to {MOST}.',
  one: '"{TEXT}" ({VALUE})',

  // replacing tokens and silencing heads
  effect: "What it depended on",
  effectIntro:
    "Attention says where a block looked, not what effect that had. Here each earlier token is " +
    "replaced by the commonest tokens of the book, as in the report, and each head silenced: how " +
    "does the log-probability of the chosen token change? The bar under a token grows with its " +
    "change: vermilion where the log-probability falls, green where it rises.",
  chosen: "chosen token",
  logProb: "log-probability",
  correlation: "rank correlation of attention and change",
  replacements: "replacements of each token",
  progress: "{DONE} of {ALL} tokens replaced so far",
  none: "none",
  noEffect: "Click a token above, other than the first and ?, to see what it depended on.",
  chart:
    "Attention to each token before the chosen one, and the absolute change of the chosen " +
    "token's log-probability when it is replaced. Spearman's rank correlation: {R}.",
  axes: { weight: "attention weight", score: "attention score", change: "|change|, nats" },
  change: "change",
  signs: { falls: "falls", rises: "rises" },
  heads: "Heads",
  headsNote:
    "Each number is the change of the chosen token's log-probability if this head is silenced. " +
    "Press one to silence it, in all that the panel shows.",
  headOf: "block {BLOCK}, head {HEAD}",
  headChange: "{HEAD}: {CHANGE} if silenced",
  headSilenced: "{HEAD}: silenced, which changed it by {CHANGE}",
  allHeads: "Switch all heads on",
  replacing: "Replace a token",
  replacingNote: "Press the button, then click a token. Type another, of one token, and apply it.",
  pick: "Choose a token",
  picked: "{PLACE}. {TEXT}",
  by: "replaced by",
  apply: "Replace",
  takeBack: "Undo the replacement",
  nonePicked: "none chosen",
  pickFirst: "Choose a token to replace first.",
  pickNow: "Click the token to replace.",
  replacedChange: "change of the chosen token's log-probability",
  altered: "All that is shown is with {WHAT}.",
  replaced: '"{OLD}" replaced by "{NEW}"',
  silenced: "{HEADS} silenced",

  // the next token
  next: "The next token",
  table: "The 12 likeliest next tokens",
  token: "token",
  bars: "probability",
  gpt: "GPT",
  ngram: "n\u2011gram",
  others: "all {N} others",
  temperature: "temperature",
  topK: "top-k",
  all: "all",
  seed: "seed",
  draw: "Draw",
  undo: "Undo",
  run: "Run {N}",
  stop: "Stop",
  order: "All tokens side by side in the order of their ids, each as wide as its probability.",
  fell: 'u = {U} fell on "{TEXT}", from {FROM} to {TO}.',
  wouldFall: 'With these settings, u = {U} would fall on "{TEXT}", from {FROM} to {TO}.',

  // of wrong input
  empty: "The prompt is empty: type at least one character, which the model continues",
  tooLong: "The prompt has {N} tokens, and the model has positions for {MOST}: shorten it",
  muchTooLong: "The prompt is far too long: the model has positions for {MOST} tokens",
  full: "All {MOST} positions of the model are used. Undo some tokens, or shorten the prompt.",
  nothingToUndo: "There is no generated token to undo.",
  drawn: "drawn: must be ids of tokens, from 0 to {LAST}, and with the prompt at most {MOST}",
  silencedPairs: "silenced: must be a list of block.head, each once, such as 0.1,3.2",
  oneToken:
    '"{TEXT}" is {N} tokens, and must be one. A word within a text starts with a space, as in " cat"',
  nothingToReplace: "by: there is no token that it could replace",
  chosenToken: "chosen token",
  replacedToken: "replaced token",

  noPipeline:
    "The pipeline explains a word that the model generated, with all heads on and no token " +
    "replaced: choose a generated token, or none, to get a command.",
};
