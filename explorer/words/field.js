/** The words of the panel "The score field". */
export const field = {
  title: "The score field",
  intro:
    "The score, the gradient of log p(x; sigma), points to where noised data is more probable. " +
    "Compare the network's with the exact one, and see where they differ. Move through time, " +
    "and click on a point to read both scores there.",
  time: "time",
  level: "t = {T}, sigma = {SIGMA}",
  model: "model",
  label: "class",
  none: "none",
  heat: "heat map",
  heats: { density: "density and excess", norm: "norm of eps" },
  x: "point: x",
  y: "y",
  t: "t",
  network: "Network",
  exact: "Exact",
  difference: "Network \u2212 exact",
  canvas: "{NAME}: score field, {HEAT}",
  heatOf: {
    density: {
      network: "over the exact density",
      exact: "over its density p(x; sigma)",
      difference: "over the excess per unit area",
    },
    norm: {
      network: "over the norm of eps",
      exact: "over the norm of eps*",
      difference: "over the norm of eps \u2212 eps*",
    },
  },
  excess: "excess at this sigma",
  plusMinus: "{MEAN} \u00b1 {ERROR}",
  at: "at the point",
  density: "p(x; sigma)",
  logDensity: "log p(x; sigma)",
  networkScore: "network's score",
  exactScore: "exact score",
  excessAt: "|eps \u2212 eps*|\u00b2 / 2",
  pair: "({X}, {Y})",
  working: "\u2026",
  axisTime: "t",
  axisExcess: "excess",
  chart:
    "Excess of the model against t, on a logarithmic scale: {FIRST} at t = 0, {LAST} at t = 1.",
  keys:
    "With the keyboard: arrow keys move the chosen point (with Shift, less). A line leads from it " +
    "to the denoised point x + sigma\u00b2 score.",
  arrowsNote:
    "An arrow has the score's direction. Its length is s / (1 + s) of the space that it has, " +
    "with s = sigma |score| = |eps|. The norm's colours have the same scale. For the difference, " +
    "s is ten times as large, and arrows are faint where p is below a thousandth of its maximum: " +
    "hardly any noised data is there, so an error costs nothing.",
  excessNote:
    "The excess is the mean of |eps \u2212 eps*|\u00b2 per dimension over noised data, from {DRAWS} " +
    "draws, plus or minus one standard error. The heat map of the third picture shows where it " +
    "comes from: p(x; sigma) |eps \u2212 eps*|\u00b2 / 2, whose integral over the plane is the excess " +
    "(at low noise, from the same draws). A network that predicts eps has no density in closed " +
    "form, so its arrows are drawn over the exact one.",
  ownNote:
    "The distribution of your own points is unknown, so the points themselves are the truth here: " +
    "a network that had memorised them would have no excess.",
  noClasses: "class = {LABEL}: only the conditional network has classes",
  noPipeline:
    "The pipeline computes the excess by noise level for the network and for the recommended " +
    "recipe. Choose one of these to get its command.",
};
