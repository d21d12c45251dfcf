// `better-all`, whose tasks all start at once and wait for each other by name.

import { all } from 'better-all';

export const versionOf = 'better-all';
export const library = all;

export function source(needs) {
  const methods = needs.map((before, task) => {
    const input = before.map((need) => `await this.$.t${need}`).join(' + ') || '0';
    return `async t${task}() { return task(${task}, ${input}); }`;
  });
  const values = needs.map((_, task) => `results.t${task}`);
  return `return async (task) => {
    const results = await library({ ${methods.join(',\n')} });
    return [${values}];
  }`;
}
