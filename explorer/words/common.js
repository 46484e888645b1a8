/** Words that several panels share, and those around the panels. */
export const common = {
  title: "Looking Glass: the explorer",
  panels: "Panels",
  unknownPanel: "{PANEL}: there is no such panel. It must be one of {PANELS}.",
  thinned:
    "The models were trained on your {COUNT} points. This page has {SHOWN} of them, evenly spread, " +
    "and its truth is that of these.",
  startTour: "Guided tour",
  savePng: "Save as PNG",
  saveSvg: "Save as SVG",
  play: "Play",
  pause: "Pause",
  pipeline: "This setting in the pipeline",
  copy: "Copy",
  copied: "Copied.",
  notCopied: "The browser does not allow it: the command is selected, copy it by hand.",
  wrong: "{SENTENCE}. The last valid setting is shown.",

  // of wrong input, by lib/check.js
  choice: "{WHAT} = {VALUE}: must be one of {CHOICES}",
  count: "{WHAT} = {VALUE}: must be a whole number from {LEAST} to {MOST}",
  number: "{WHAT} = {VALUE}: must be a number from {LEAST} to {MOST}",
  point: "{WHAT} = {VALUE}: must be two finite numbers",

  // of what is shown in several panels
  models: {
    diffusion: "network",
    plain: "recommended recipe",
    conditional: "conditional network",
    exact: "exact denoiser",
  },
};
