/** The words of the panel "A probe of log p". */
export const probe = {
  title: "A probe of log p",
  intro:
    "Place the probe anywhere: click, drag, or use the arrow keys. Three values of log p at that " +
    "point, with noise sigma_0 left: the truth, the ELBO, which converges as draws are added, and " +
    "the density of the probability flow. Drag across a border between classes and watch one " +
    "class take over from another.",
  pause: "Pause",
  resume: "Resume",
  drawsSoFar: "{DRAWS} of {BOUND} draws",
  model: "model",
  prior: "prior",
  priors: { standard: "standard, N(0, I)", matched: "matched" },
  time: "time in the ELBO",
  times: { continuous: "continuous", steps: "T steps" },
  steps: "T",
  draws: "draws",
  seed: "seed",
  x: "x",
  y: "y",
  label: "shown class",
  any: "any class",
  class: "class {CLASS}",
  canvas: "The truth's density of the shown class, the classes' regions, and the probe",
  keys: "With the keyboard: arrow keys move the probe (with Shift, less).",
  caption: "Shaded: the truth's density ({LABEL}). Outlines: the classes' regions.",
  table: "log p at the probe, in nats",
  given: "given",
  truth: "truth",
  ownTruth: "training points",
  elbo: "ELBO \u00b1 SE",
  elboName: "ELBO",
  flow: "flow",
  none: "none",
  noPoints: "A class without training points was never learned: it has no row of numbers.",
  inside: "The probe is in class {RIGHT}, the right label here.",
  outside: "The probe is in no class's region: there is no right label here.",
  wrong:
    "A wrong label makes log p lower by at least {TRUTH} nats by the truth, and {FLOW} by the flow.",
  close:
    "Near a border, a wrong label costs little: log p is lower by at least {TRUTH} nats by the " +
    "truth, and {FLOW} by the flow.",
  unconditional: "This network knows no classes. Choose the conditional network to compare labels.",
  chart: "Given {LABEL}: the ELBO's estimate against the number of draws, log p in nats",
  chartNote: "The band is two standard errors wide on either side.",
  axisDraws: "draws",
  axisLogP: "log p (nats)",
  noPipeline:
    "The pipeline estimates log p for each class, with the conditional network. Choose it to get " +
    "the command.",
};
