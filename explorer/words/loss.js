/** The words of the panel "What the loss measures". */
export const loss = {
  title: "What the loss measures",
  intro:
    "Training adds noise to a data point x_0 and asks the network which noise it was. Drag x_0, or " +
    "the noisy point x_t, and compare the true noise with the network's prediction and the exact " +
    "denoiser's. Even that one is wrong: many points x_0, shaded, could have become this x_t. " +
    "That part of the loss no network can save.",
  model: "model",
  t: "time t",
  seed: "seed",
  draws: "draws",
  x: "x_0, horizontal",
  y: "x_0, vertical",
  ex: "noise, horizontal",
  ey: "noise, vertical",
  handle: "arrow keys move",
  handles: { data: "x_0", noise: "x_t, by its noise" },
  snap: "only data points",
  zoom: "zoom to the noise",
  redraw: "New noise",
  another: "Another data point",
  canvas: "The data point x_0, the noisy point x_t, and both denoised points",
  keys:
    "With the keyboard: arrow keys move x_0 or x_t (with Shift, less), Enter changes which, Page " +
    "Up and Page Down go through the training points.",
  legendData: "x_0, the data point; its arrow is the true noise",
  legendNoisy: "x_t = x_0 + sigma eps",
  legendNetwork: "denoised by the network",
  legendExact: "denoised by the exact denoiser",
  legendPosterior: "training points, stronger the likelier they became x_t",
  here: "This draw",
  average: "Average at this t",
  quantity: "per dimension",
  sigma: "sigma",
  loss: "loss, |eps \u2212 eps_net|\u00b2",
  floor: "floor, |eps \u2212 eps*|\u00b2",
  excess: "excess, |eps_net \u2212 eps*|\u00b2",
  averageValue: "{MEAN} \u00b1 {ERROR}",
  averageDraws: "draws",
  note:
    "A single draw's loss may be less than its floor, by luck. On average, loss = floor + excess: " +
    "a better network saves the excess, and no more. Where the floor is 1, x_t says nothing about " +
    "the noise. Averages are over newly drawn data and noise.",
  chart: "The loss and its floor against t, with the current t marked",
  excessChart: "The excess against t, on a logarithmic scale, with the current t marked",
  axisTime: "t",
  axisLoss: "loss",
  axisExcess: "excess",
  series: { loss: "loss", floor: "floor (exact denoiser)" },
  noPipeline: "No stage of the pipeline makes this setting.",
};
