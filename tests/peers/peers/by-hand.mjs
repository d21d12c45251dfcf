// `await` and `Promise.all`: a layer after a layer, as one writes it.

export const versionOf = null;

export function source(needs) {
  const input = (task) => needs[task].map((need) => `t${need}`).join(' + ') || '0';
  const lines = layers(needs).map((layer) => {
    const calls = layer.map((task) => `task(${task}, ${input(task)})`);
    if (layer.length === 1) return `const t${layer[0]} = await ${calls[0]};`;
    return `const [${layer.map((task) => `t${task}`)}] = await Promise.all([${calls}]);`;
  });
  return `return async (task) => { ${lines.join('\n')} return [${needs.map((_, task) => `t${task}`)}]; }`;
}

// The tasks by the length of the longest way to them.
function layers(needs) {
  const depths = [];
  const layers = [];
  needs.forEach((before, task) => {
    depths[task] = Math.max(-1, ...before.map((need) => depths[need])) + 1;
    (layers[depths[task]] ??= []).push(task);
  });
  return layers;
}
