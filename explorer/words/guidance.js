/** The words of the panel "Classes and guidance". */
export const guidance = {
  title: "Classes and guidance",
  intro:
    "Choose a class, by its number or by a click on its region, and slide the guidance weight w. " +
    "The conditional network and the exact denoiser start from the same noise and are guided " +
    "alike. The third picture is the distribution that guidance is commonly thought to sample. At " +
    "w = 0 all three agree. Guidance crowds the samples together, far from the borders with " +
    "other classes. The exact denoiser does the same, so this is no fault of the network.",
  class: "class",
  w: "guidance weight w",
  n: "points",
  steps: "steps",
  solver: "solver",
  seed: "seed",
  time: "time",
  level: "t = {T}, sigma = {SIGMA}",
  redraw: "New noise",
  guided: "guided",
  tilted: "commonly assumed target",
  formula: "p(x) p(class\u2009|\u2009x)\u00b9\u207a\u02b7",
  canvas: "{WHAT}, class {CLASS}, w = {W}",
  count: "points",
  inside: "in the class's region",
  mean: "mean",
  std: "standard deviation",
  none: "none",
  progress: "{KNOWN} of {TOTAL}",
  empty: "class {CLASS} has no points: choose another",
  note:
    "Numbers are at t = 0; mean and standard deviation are those of each coordinate. The guided " +
    "prediction is (1 + w) eps(x, class) \u2212 w eps(x). At each noise level it gives the score of " +
    "p(x) p(class\u2009|\u2009x)\u00b9\u207a\u02b7 at that level. But these distributions are not " +
    "noised versions of the one at t = 0, so following their scores ends elsewhere. The points of " +
    "the third picture are exact draws of the one at t = 0; at other times they are shown with " +
    "noise added.",
  own: "The exact denoiser and p(x) are those of your points.",
  noPipeline:
    "The pipeline samples with guidance by Heun's method, with w above 0. Choose these to get its " +
    "command.",
};
