// Runs the modes, and draws what the server tells of them: all on one time axis, and while it happens.

const TASKS = ["user", "posts", "comments"];
const form = document.querySelector("form");
const user = document.querySelector("#user");
const state = document.querySelector("#state");
const chart = document.querySelector("#chart");
const answer = document.querySelector("#answer");
const latency = Number(form.dataset.latencyMs);
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");

/** The modes in the order of the page. `run` is what is drawn of each, in milliseconds since its beginning. */
const modes = [...chart.querySelectorAll("article")].map((article) => ({ name: article.id, article, run: null }));
let source = null;

const duration = (ms) => `${ms < 99.95 ? ms.toFixed(1) : Math.round(ms)} ms`;
const ms = (ns) => ns / 1e6;

/** An element with a class and a text, in another one. */
function add(parent, tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  parent.append(element);
  return element;
}

function say(text, isTrouble = false) {
  state.textContent = text;
  state.classList.toggle("trouble", isTrouble);
}

/** What is known of a run before it is over: starts and ends, as they come. */
function begin(mode) {
  mode.run = { begun: performance.now(), tasks: new Map(), total: null, error: null };
}

/** The run as it was recorded by the server, which knows more: polls, and the critical path. */
function end(mode, { run, page, error }) {
  const { tasks, begun } = mode.run;
  mode.run.page = page;
  mode.run.error = error;
  mode.run.total = run ? ms(run.duration_ns) : performance.now() - begun;
  for (const task of run?.tasks ?? []) {
    tasks.set(task.name, {
      start: ms(task.waited_ns),
      end: ms(task.end_ns),
      outcome: task.outcome,
      after: task.dependencies,
      isCritical: task.is_critical,
      polls: task.polls.map((poll) => [ms(poll.start_ns), ms(poll.end_ns)]),
    });
  }
}

/** How long the axis is: no shorter than what is to be expected, so that it does not change while it is looked at. */
function axisLength(now) {
  const lengths = modes.map(({ run }) => (run ? run.total ?? now - run.begun : 0));
  return Math.max(3 * latency, 1, ...lengths) * 1.02;
}

/** The distance of ticks that are round numbers, and no more than `most`. */
function tickDistance(length, most) {
  const power = 10 ** Math.floor(Math.log10(length / most));
  return power * [1, 2, 5, 10].find((factor) => (factor * power * most) >= length);
}

function draw() {
  const now = performance.now();
  const length = axisLength(now);
  const percent = (time) => `${Math.min(100, (100 * time) / length)}%`;
  const axis = chart.querySelector(".axis .track");
  const distance = tickDistance(length, Math.max(2, Math.min(10, Math.floor(axis.clientWidth / 30))));
  chart.style.setProperty("--tick", percent(distance));
  axis.replaceChildren();
  for (let tick = 0; tick <= length; tick += distance) {
    add(axis, "span", "", String(Number(tick.toPrecision(3)))).style.left = percent(tick);
  }
  add(axis, "span", "unit", "ms");
  for (const mode of modes) drawMode(mode, percent, now);
}

function drawMode({ article, run }, percent, now) {
  const list = article.querySelector("ol");
  list.replaceChildren();
  for (const name of TASKS) {
    const task = run?.tasks.get(name);
    const row = add(list, "li", task?.outcome ?? "");
    row.dataset.task = name;
    add(row, "span", "name", name);
    const track = add(row, "span", "track");
    const took = add(row, "span", "took");
    if (!task) {
      if (run && run.total !== null) took.textContent = "not run";
      continue;
    }

    const over = task.end ?? run.total ?? now - run.begun;
    const bar = (className, from, to) => {
      const part = add(track, "i", className);
      part.style.left = percent(from);
      part.style.width = `calc(${percent(to)} - ${percent(from)})`;
    };
    bar("waiting", 0, task.start);
    bar("pending", task.start, over);
    for (const [from, to] of task.polls ?? []) bar("polled", from, to);
    if (task.isCritical) bar("critical", task.start, over);
    if (task.end === undefined) {
      took.textContent = run.total === null ? "…" : "goes on";
      continue;
    }
    // For who asks the page, and does not look at it.
    Object.assign(row.dataset, { start: task.start, end: task.end });
    took.textContent = task.outcome === "failed" ? "failed" : duration(task.end - task.start);
    const after = task.after?.length ? `after ${task.after.join(" and ")}` : "first";
    row.title = `${name}: ${after}, from ${duration(task.start)} to ${duration(task.end)}`
      + (task.isCritical ? ", on the critical path" : "");
  }
  drawTotal(article.querySelector(".total"), run);
}

function drawTotal(total, run) {
  total.replaceChildren();
  total.classList.toggle("trouble", Boolean(run?.error));
  if (run?.error) {
    add(total, "b", "", run.error.status);
    total.append(run.error.text);
  } else if (run && run.total !== null) {
    add(total, "b", "", duration(run.total));
    const first = modes[0].run;
    if (run !== first && first.page) total.append(`${(run.total / first.total).toFixed(2)} × ${modes[0].name}`);
  }
}

/** The answer, which is the same whoever gives it. */
function showAnswer() {
  const pages = modes.map(({ run }) => run?.page).filter(Boolean);
  answer.hidden = pages.length === 0;
  if (pages.length === 0) return;
  const texts = pages.map((page) => JSON.stringify(page, null, 2));
  const isSame = texts.every((text) => text === texts[0]);
  answer.querySelector("p").textContent = isSame ? "The same from each mode." : "They differ! This is the first one.";
  answer.querySelector("pre").textContent = texts[0];
}

function finish() {
  stop();
  draw();
  const failed = modes.filter(({ run }) => run?.error);
  const reasons = new Set(failed.map(({ run }) => run.error.text));
  if (failed.length === modes.length && reasons.size === 1) {
    return say(`${failed[0].run.error.status}: ${failed[0].run.error.text}.`, true);
  }
  const told = modes.map(({ name, run }) => `${name} ${run.error ? run.error.text : duration(run.total)}`);
  say(`Done: ${told.join(", ")}.`, failed.length > 0);
}

function stop() {
  source?.close();
  source = null;
}

/** Runs that nobody hears of any more have no end. */
function giveUp(text) {
  stop();
  for (const mode of modes) if (mode.run?.total === null) mode.run = null;
  draw();
  say(text, true);
}

/** Streams of events are refused without a reason that a script could read. */
async function tellWhy(url) {
  const response = await fetch(url);
  const isText = response.headers.get("content-type") === "application/json";
  const { error } = isText ? await response.json() : { error: response.statusText };
  if (!source) say(`${response.status}: ${error}.`, true);
}

const hear = {
  begun: ({ mode }) => begin(mode),
  started: ({ mode, task, at_ns }) => mode.run.tasks.set(task, { start: ms(at_ns) }),
  ended: ({ mode, task, at_ns }) => Object.assign(mode.run.tasks.get(task), { end: ms(at_ns) }),
  over: ({ mode, ...what }) => {
    end(mode, what);
    showAnswer();
  },
  all: finish,
};

/** Bars grow while they are looked at, unless the reader prefers that nothing moves: then they step. */
function animate() {
  if (!source) return;
  draw();
  if (!isCalm.matches) requestAnimationFrame(animate);
}

function run() {
  stop();
  for (const mode of modes) mode.run = null;
  showAnswer();
  say("Running …");
  const url = `/runs/${encodeURIComponent(user.value)}`;
  const events = new EventSource(url);
  source = events;
  events.onmessage = ({ data }) => {
    const { kind, mode, ...what } = JSON.parse(data);
    hear[kind]?.({ mode: modes.find(({ name }) => name === mode), ...what });
    if (isCalm.matches) draw();
  };
  // It would try again by itself, and run all of them again.
  events.onerror = () => {
    const isRefused = events.readyState === EventSource.CLOSED;
    giveUp("The server is out of reach, please try again later.");
    if (isRefused) tellWhy(url);
  };
  animate();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
addEventListener("resize", draw);
draw();
