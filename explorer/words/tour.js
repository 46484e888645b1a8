/**
 * The words of the guided tour: those of its frame, and of each step.
 *
 * @typedef {object} StepWords
 * @property {string} title
 * @property {string} text
 * @property {string} question
 * @property {Record<string, string>} [choices]
 * @property {string} because said after the right answer
 */
export const tour = {
  title: "Step {STEP} of {STEPS}: {TITLE}",
  unknownStep: "{STEP}: there is no such step. There are steps 1 to {STEPS}; this is the first.",
  check: "Check",
  again: "Set the controls again",
  back: "Back",
  next: "Next",
  close: "End the tour",
  answer: "your answer",
  chooseOne: "Choose one of the answers first.",
  giveNumber: "Type a number first.",
  right: "Right.",
  wrongChoice: "Not that one. Try it in the panel, then answer again.",
  wrongNumber: "Not quite. Read the number in the panel, then answer again.",
  /** @type {Record<string, StepWords>} */
  steps: {
    forward: {
      title: "adding noise",
      text:
        "The forward process moves a data point to x_t = x_0 + sigma(t) eps. Move the time from " +
        "0 to 1, and watch how far x_t goes from its data point.",
      question: "How large is sigma at t = 0.5?",
      because: "sigma(0.5) = {VALUE}: half of the time is spent on noise that is hardly seen.",
    },
    floor: {
      title: "what no denoiser can know",
      text:
        "The network learns to predict eps from x_t. Even the exact denoiser, which knows the " +
        "distribution of the data, is wrong about a single eps. Compare its mean error at small t " +
        "and at t = 1.",
      question: "Where is the exact denoiser's error larger?",
      choices: {
        small: "at small t, where there is little noise",
        large: "at t = 1, where there is much noise",
      },
      because:
        "With little noise, x_t could be a data point itself, and says almost nothing about eps. " +
        "With much noise, x_t - x_0 is nearly all of it. So the loss itself says little: what " +
        "counts is its excess over this floor.",
    },
    sampling: {
      title: "from noise to data",
      text:
        "Play: 1,000 draws of N(0, I) become points in the square, by the network on the left " +
        "and by the exact denoiser on the right.",
      question: "Which percentage of the network's points ends inside the square?",
      because: "It is {VALUE}\u2009%. The few others stop just outside its edges.",
    },
    steps: {
      title: "too few steps",
      text:
        "Algorithm 1 with three steps only. Scrub through them, and compare with 50 and 1000 " +
        "steps.",
      question: "How do the samples of three steps differ?",
      choices: {
        wide: "they spread too far",
        narrow: "they crowd in the middle",
        same: "they do not differ",
      },
      because:
        "sigma falls exponentially, so Euler's long steps in t move the points too far towards " +
        "the mean of the data. The standard deviation shows it: the square's is 0.577.",
    },
    solvers: {
      title: "a better solver",
      text:
        "The same network, the same noise, the same number of evaluations: Algorithm 1 on the " +
        "left, DPM-Solver++(2M) on the right. Compare the distances to where the flow really ends.",
      question: "Which side is nearer to the flow's end?",
      choices: { left: "the left one", right: "the right one" },
      because:
        "A second-order solver's error falls with the square of the step. It takes DPM-Solver++ " +
        "24 evaluations to be nearer than Algorithm 1 is after hundreds.",
    },
    noise: {
      title: "the same noise, another end",
      text:
        "A point is chosen. With eta = 0, where it ends depends on its start alone. Slide eta to " +
        "1, which adds noise in each step, and back.",
      question: "What does the noise in each step change?",
      choices: {
        end: "where a point ends, but not how all points together are distributed",
        both: "where a point ends, and how all points together are distributed",
        none: "nothing",
      },
      because:
        "In each step, as much noise is taken out before as is added after it, so at each time " +
        "the points have the same distribution. The numbers below the pictures hardly move.",
    },
    field: {
      title: "the score",
      text:
        "The arrows are the score, the gradient of log p(x; sigma). Move the time from 1 to 0: " +
        "the blurred square becomes sharp.",
      question: "What is the score in the middle of the square at small t?",
      choices: {
        zero: "almost zero: the density is flat there",
        inward: "large, and it points to the middle",
        outward: "large, and it points to the edges",
      },
      because:
        "The data is uniform, so its density has a slope only where the noise has blurred an " +
        "edge. There, the score is of the order of 1/sigma.",
    },
    guidance: {
      title: "guidance",
      text:
        "Classifier-free guidance pushes samples away from what the other classes have. It is " +
        "often said to sample p(x) p(class | x)^(1 + w). Slide w to 3, and compare the exact " +
        "denoiser under guidance with that distribution.",
      question: "Do they agree?",
      choices: {
        yes: "yes",
        no: "no: guidance pushes the points further from the borders of the class",
      },
      because:
        "Guiding the score at each noise level is not the same as noising the guided " +
        "distribution, even when the denoiser is exact. So it is not an error of the network.",
    },
    probe: {
      title: "the probability of a point",
      text:
        "The probe is in the middle of the square, whose area is 4. Compare the truth with the " +
        "ELBO, as draws are added, and with the flow.",
      question: "How large is log p there, by the truth, in nats?",
      because: "It is {VALUE} = -log 4. The ELBO is a lower bound, so it stays below the flow.",
    },
    wrong: {
      title: "the wrong class",
      text: "The same place, one row for each class. Only one of them has it in its region.",
      question: "What does the model say of the place under a wrong class?",
      choices: {
        little: "a log-probability that is a little lower",
        far: "a log-probability that is lower by far more than 10 nats",
      },
      because:
        "Under a wrong class the model expects points many sigma(0) away. Density falls with the " +
        "square of that distance.",
    },
    next: {
      title: "the next token",
      text:
        "The GPT gives each of GPT-2's 50,257 tokens a probability to come next. Click the last " +
        "token to see the log-probability that the model gave to it.",
      question: "What is the log-probability of the token \u201c sister\u201d?",
      because: "It is {VALUE}. The sum over all tokens is the sentence's log-probability.",
    },
    attention: {
      title: "does attention explain?",
      text:
        "The prediction of the last word is explained in two ways: by the attention of the last " +
        "block to each token, and by how its log-probability changes if that token is replaced.",
      question: "What is their rank correlation?",
      because:
        "It is {VALUE}. Were attention an explanation, it would be near 1: what a block attends " +
        "to need not be what decides.",
    },
    inversion: {
      title: "making it say a sentence",
      text:
        "The model is frozen; Adam changes the vectors that it reads. Scrub through the " +
        "iterations, and compare what it says for the vectors and for their nearest tokens.",
      question: "After how many iterations does it first say the whole sentence?",
      because:
        "After {VALUE}. The nearest real tokens do not say it: the vectors are not words at all.",
    },
  },
};
