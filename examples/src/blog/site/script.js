// Runs the modes, and draws the server's reports on them while they arrive, all on one time axis.

const form = document.querySelector("form");
const user = document.querySelector("#user");
const state = document.querySelector("#state");
const chart = document.querySelector("#chart");
const answer = document.querySelector("#answer");
const latency = Number(form.dataset.latencyMs);
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");

/** What can be put together: the queries, and how many latencies they take in sequence. */
const shapes = {
  activity: { tasks: ["user", "posts", "comments", "replies", "threads"], latencies: 9, path: "/activity" },
  page: { tasks: ["user", "posts", "comments"], latencies: 3, path: "" },
};
let shape = shapes.activity;

/** The modes in the order of the page. `run` is what is drawn of each, in milliseconds since its beginning. */
const modes = [...chart.querySelectorAll("article")].map((article) => ({ name: article.id, article, run: null }));
const [sync, layers, auto] = ["sync", "layers", "auto"].map((id) => modes.find(({ name }) => name === id));
let source = null;

const duration = (ms) => `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms)} ms`;
const ms = (ns) => ns / 1e6;

/** Adds an element with a class and a text to another one. */
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

/** A run that has begun: starts and ends of its queries, as they arrive. */
function begin(mode) {
  mode.run = { begun: performance.now(), tasks: new Map(), total: null, answer: null, error: null };
}

/** The run as the server recorded it, with polls and the critical path. */
function finish(mode, { run, answer, error }) {
  const { tasks, begun } = mode.run;
  mode.run.answer = answer;
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

/** The length of the axis: at least the expected one, so that it rarely changes during a run. */
function axisLength(now) {
  const lengths = modes.map(({ run }) => (run ? run.total ?? now - run.begun : 0));
  return Math.max(shape.latencies * latency, 1, ...lengths) * 1.02;
}

/** A round distance between ticks that gives at most `most` of them. */
function tickDistance(length, most) {
  const power = 10 ** Math.floor(Math.log10(length / most));
  return power * [1, 2, 5, 10].find((factor) => (factor * power * most) >= length);
}

function draw() {
  const now = performance.now();
  const length = axisLength(now);
  const percent = (time) => `${Math.min(100, (100 * time) / length)}%`;
  const axis = chart.querySelector(".axis .track");
  const distance = tickDistance(length, Math.max(2, Math.min(10, Math.floor(axis.clientWidth / 40))));
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
  for (const name of shape.tasks) {
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

    const end = task.end ?? run.total ?? now - run.begun;
    const bar = (className, from, to) => {
      const part = add(track, "i", className);
      part.style.left = percent(from);
      part.style.width = `calc(${percent(to)} - ${percent(from)})`;
    };
    bar("waiting", 0, task.start);
    bar("pending", task.start, end);
    for (const [from, to] of task.polls ?? []) bar("polled", from, to);
    if (task.isCritical) bar("critical", task.start, end);
    if (task.end === undefined) {
      took.textContent = run.total === null ? "…" : "goes on";
      continue;
    }
    // For tests.
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
    if (run !== sync.run && sync.run.answer) {
      const saved = sync.run.total - run.total;
      total.append(saved > 0 ? `saves ${duration(saved)}` : "saves nothing");
    }
  }
}

/** Shows the answer, which must be the same in each mode. */
function showAnswer() {
  const answers = modes.map(({ run }) => run?.answer).filter(Boolean);
  answer.hidden = answers.length === 0;
  if (answers.length === 0) return;
  const texts = answers.map((it) => JSON.stringify(it, null, 2));
  const isSame = texts.every((text) => text === texts[0]);
  answer.querySelector("p").textContent = isSame ? "The same in each mode." : "They differ! This is the first one.";
  answer.querySelector("pre").textContent = texts[0];
}

/** What the runs show, as a sentence. */
function verdict() {
  const [inSequence, byLayers, byGraph] = [sync, layers, auto].map(({ run }) => run.total);
  const [overSync, overLayers] = [inSequence - byGraph, byLayers - byGraph];
  if (overSync <= 0) return `auto! took ${duration(byGraph)}, sync ${duration(inSequence)}. Try a higher --latency.`;
  const alsoLayers = overLayers > latency / 2 ? `, and ${duration(overLayers)} over layers` : "";
  return `auto! saves ${duration(overSync)} over sync${alsoLayers}.`;
}

function finishAll() {
  stop();
  draw();
  const failed = modes.filter(({ run }) => run?.error);
  const reasons = new Set(failed.map(({ run }) => run.error.text));
  if (failed.length === 0) return say(verdict());
  if (failed.length === modes.length && reasons.size === 1) {
    return say(`${failed[0].run.error.status}: ${failed[0].run.error.text}.`, true);
  }
  say(`${failed.map(({ name, run }) => `${name}: ${run.error.text}`).join("; ")}.`, true);
}

function stop() {
  source?.close();
  source = null;
}

/** Ends the runs after the server has gone. */
function giveUp(text) {
  stop();
  for (const mode of modes) if (mode.run?.total === null) mode.run = null;
  draw();
  say(text, true);
}

/** Asks for the reason of a refusal, which an `EventSource` does not tell. */
async function showReason(url) {
  const response = await fetch(url);
  const isJson = response.headers.get("content-type") === "application/json";
  const { error } = isJson ? await response.json() : { error: response.statusText };
  if (!source) say(`${response.status}: ${error}.`, true);
}

const handlers = {
  "began": ({ mode }) => begin(mode),
  "task-started": ({ mode, task, at_ns }) => mode.run.tasks.set(task, { start: ms(at_ns) }),
  "task-ended": ({ mode, task, at_ns }) => Object.assign(mode.run.tasks.get(task), { end: ms(at_ns) }),
  "finished": ({ mode, ...result }) => {
    finish(mode, result);
    showAnswer();
  },
  "all-finished": finishAll,
};

/** Lets the bars grow. With reduced motion, each report draws them once instead. */
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
  const url = `/runs/${encodeURIComponent(user.value)}${shape.path}`;
  const events = new EventSource(url);
  source = events;
  events.onmessage = ({ data }) => {
    const { kind, mode, ...report } = JSON.parse(data);
    handlers[kind]?.({ mode: modes.find(({ name }) => name === mode), ...report });
    if (isCalm.matches) draw();
  };
  // Without this, the browser would reconnect and run all modes again.
  events.onerror = () => {
    const isRefused = events.readyState === EventSource.CLOSED;
    giveUp("The server cannot be reached; please try again later.");
    if (isRefused) showReason(url);
  };
  animate();
}

/** Shows the text, the graph and the sources of the selected shape, and runs it. */
function select() {
  const name = form.elements.shape.value;
  shape = shapes[name];
  for (const element of document.querySelectorAll("[data-shape]")) element.hidden = element.dataset.shape !== name;
  if (form.reportValidity()) run();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
for (const radio of form.elements.shape) radio.addEventListener("change", select);
addEventListener("resize", draw);
select();
