// Some graphs of tests/benches/build/graphs.rs: for each task the numbers of its dependencies.

const SIDE = 8;

const tasks = (count, needs) => Array.from({ length: count }, (_, task) => needs(task));

// Eight by eight tasks, where each needs some of the previous layer.
const inLayers = (isNeeded) =>
  tasks(SIDE * SIDE, (task) => {
    const [layer, column] = [Math.floor(task / SIDE), task % SIDE];
    if (layer === 0) return [];
    return tasks(SIDE, (before) => before)
      .filter((before) => isNeeded(column, before))
      .map((before) => (layer - 1) * SIDE + before);
  });

export const graphs = {
  n: [[], [], [0], [0, 1]],
  // Two chains of three tasks with one edge between them.
  crossing: [[], [], [0], [1], [2, 3], [3]],
  mesh: inLayers((column, before) => before === column || before === (column + 1) % SIDE),
};

export const value = (task, input) => input + task + 1;

// The values that a graph must resolve to.
export const expected = (needs) =>
  needs.reduce((values, before, task) => [...values, value(task, sum(before.map((need) => values[need])))], []);

// How many milliseconds a task sleeps, as in tests/benches/src/tasks.rs.
export const length = (task) => [1, 4, 3, 1, 5, 2, 9][task % 7] * 20;

// How long the critical path of a graph takes.
export const criticalPath = (needs) =>
  Math.max(...needs.reduce((ends, before, task) =>
    [...ends, length(task) + Math.max(0, ...before.map((need) => ends[need]))], []));

const sum = (values) => values.reduce((a, b) => a + b, 0);
