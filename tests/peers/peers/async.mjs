// `async.auto`, whose tasks name what they need, and get an object with the results so far.

import async from 'async';

export const versionOf = 'async';
export const library = async;

export function source(needs) {
  const entries = needs.map((before, task) => {
    if (before.length === 0) return `t${task}: async () => task(${task}, 0)`;
    const names = before.map((need) => `'t${need}'`);
    const input = before.map((need) => `results.t${need}`).join(' + ');
    return `t${task}: [${names}, async (results) => task(${task}, ${input})]`;
  });
  const values = needs.map((_, task) => `results.t${task}`);
  return `return async (task) => {
    const results = await library.auto({ ${entries.join(',\n')} });
    return [${values}];
  }`;
}
