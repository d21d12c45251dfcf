// Q: a promise for each task, made by `then` of what it needs.

import Q from 'q';

export const versionOf = 'q';
export const library = Q;

export function source(needs) {
  const lines = needs.map((before, task) => {
    const names = before.map((need) => `t${need}`);
    const call = (input) => `task(${task}, ${input})`;
    switch (before.length) {
      case 0: return `const t${task} = library(${call(0)});`;
      case 1: return `const t${task} = ${names[0]}.then((value) => ${call('value')});`;
      default: return `const t${task} = library.all([${names}]).spread((${names}) => ${call(names.join(' + '))});`;
    }
  });
  const all = needs.map((_, task) => `t${task}`);
  return `return (task) => { ${lines.join('\n')} return library.all([${all}]); }`;
}
