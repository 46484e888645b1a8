/** The words of the panel "From noise to data". */
export const noiseToData = {
  title: "From noise to data",
  intro:
    "Two samplers start from the same noise. Choose a model and a solver for each. " +
    "Drag a point: its start at t = 1 moves, and its whole trajectory follows on both sides.",
  time: "time",
  level: "t = {T}, sigma = {SIGMA}",
  redraw: "New noise",
  left: "left",
  right: "right",
  model: "model",
  solver: "solver",
  n: "points",
  steps: "steps",
  schedule: "schedule",
  prior: "prior",
  eta: "eta (stochasticity)",
  seed: "seed",
  step: "step",
  point: "point",
  moved: "moved points",
  reset: "Put points back",
  solvers: {
    euler: "Euler (Algorithm 1)",
    ddim: "DDIM",
    heun: "Heun",
    dpmpp_2m: "DPM-Solver++(2M)",
    rk4: "Runge-Kutta 4",
  },
  schedules: {
    exponential: "exponential",
    karras: "Karras",
    cosine: "cosine",
    linear: "linear",
  },
  priors: { standard: "standard, N(0, I)", matched: "matched" },
  canvas: "{SIDE}: {MODEL}, {SOLVER}",
  keys:
    "With the keyboard: arrow keys move the chosen point's start (with Shift, less), " +
    "Page Up and Page Down choose a point, Escape chooses none.",
  nfe: "NFE",
  inside: "inside the square",
  std: "standard deviation",
  rmse: "RMSE to the flow's end",
  rmseNote:
    "The flow's end is that of the same model from the same noise, by 200 Runge-Kutta steps in " +
    "log sigma, for the first {N} points. With eta above 0 there is none: the noise added in " +
    "each step decides where a point ends.",
  none: "none",
  unfinished: "{VALUE} so far",
  nothing: "No point is chosen.",
  chosen: "Point {I} starts at ({X}, {Y}) and ends at {LEFT} (left) and {RIGHT} (right).",
  pair: "{WHAT}: must be a list of index:x:y, with indices below the number of points",
  etaSolver: "eta = {ETA}: above 0, it needs a solver other than DPM-Solver++(2M)",
  noPipeline:
    "The pipeline samples with the network, Euler's method, the exponential schedule and " +
    "eta = 0. Choose these on one side to get its command.",
};
