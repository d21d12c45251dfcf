// The graphs of tests/benches/build/graphs.rs: for each task those that it needs, by number.

const SIDE = 8;
const CHAIN = 64;
const WIDTHS = [8, 16, 64, 256];

const tasks = (count, needs) => Array.from({ length: count }, (_, task) => needs(task));

// Eight by eight tasks, of which each needs some of the layer before.
const inLayers = (isNeeded) =>
  tasks(SIDE * SIDE, (task) => {
    const [layer, column] = [Math.floor(task / SIDE), task % SIDE];
    if (layer === 0) return [];
    return tasks(SIDE, (before) => before)
      .filter((before) => isNeeded(column, before))
      .map((before) => (layer - 1) * SIDE + before);
  });

export const graphs = {
  page: [[], [0], [0]],
  diamond: [[], [0], [0], [1, 2]],
  n: [[], [], [0], [0, 1]],
  // Two chains of three, of which the one looks at the other.
  crossing: [[], [], [0], [1], [2, 3], [3]],
  layers: inLayers(() => true),
  mesh: inLayers((column, before) => before === column || before === (column + 1) % SIDE),
  chain: tasks(CHAIN, (task) => (task === 0 ? [] : [task - 1])),
  ...Object.fromEntries(WIDTHS.map((width) => [`wide_${width}`, tasks(width, () => [])])),
};

export const value = (task, input) => input + task + 1;

// The values that a graph must come to.
export const expected = (needs) =>
  needs.reduce((values, before, task) => [...values, value(task, sum(before.map((need) => values[need])))], []);

// Milliseconds that a task takes that sleeps, as in tests/benches/src/tasks.rs.
export const length = (task) => [1, 4, 3, 1, 5, 2, 9][task % 7] * 20;

// How long the longest way through a graph takes whose tasks sleep.
export const criticalPath = (needs) =>
  Math.max(...needs.reduce((ends, before, task) =>
    [...ends, length(task) + Math.max(0, ...before.map((need) => ends[need]))], []));

const sum = (values) => values.reduce((a, b) => a + b, 0);
