// Prints, as JSON, the makespans of graphs of tests/benches in Node, as a multiple of the critical path: `npm ci && npm start`.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { clock, sleep } from './clock.mjs';
import { criticalPath, expected, graphs, length, value } from './graphs.mjs';
import * as async from './peers/async.mjs';
import * as betterAll from './peers/better-all.mjs';
import * as byHand from './peers/by-hand.mjs';
import * as q from './peers/q.mjs';

const peers = { 'by hand': byHand, 'async.auto': async, 'better-all': betterAll, q };

const sleeps = async (task, input) => {
  await sleep(length(task));
  return value(task, input);
};

// Compiles the source that a user would write.
const compile = ({ source, library }, needs) => new Function('library', source(needs))(library);

async function makespan(graph, needs) {
  const started = clock();
  assert.deepEqual(await graph(sleeps), expected(needs));
  return (clock() - started) / criticalPath(needs);
}

async function version(name) {
  const path = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(await readFile(path, 'utf8')).version;
}

const report = { node: process.versions.node, peers: [] };
for (const [name, peer] of Object.entries(peers)) {
  const entry = { name, version: peer.versionOf && (await version(peer.versionOf)), makespans: {} };
  for (const [graphName, needs] of Object.entries(graphs)) {
    const graph = compile(peer, needs);
    entry.makespans[graphName] = await makespan(graph, needs);
  }
  report.peers.push(entry);
}
report.checks = Object.fromEntries(Object.entries(graphs).map(([name, needs]) => [name, expected(needs).at(-1)]));
console.log(JSON.stringify(report, null, 1));
