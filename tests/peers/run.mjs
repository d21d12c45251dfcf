// Prints, as JSON, what the graphs of tests/benches take in Node: nanoseconds a run whose tasks are resolved promises,
// and the makespan, as a multiple of the critical path, of those whose tasks sleep. `npm ci && npm start`

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { clock, sleep } from './clock.mjs';
import { criticalPath, expected, graphs, length, value } from './graphs.mjs';
import * as async from './peers/async.mjs';
import * as betterAll from './peers/better-all.mjs';
import * as byHand from './peers/by-hand.mjs';
import * as q from './peers/q.mjs';

const peers = { 'by hand': byHand, 'async.auto': async, 'better-all': betterAll, q };

const WARM_UP_MS = 60;
const SAMPLES = 15;
const SAMPLE_MS = 8;

const ready = async (task, input) => value(task, input);

const sleeps = async (task, input) => {
  await sleep(length(task));
  return value(task, input);
};

// Written out as source, as its user would, and not put together by loops that cost something themselves.
const compile = ({ source, library }, needs) => new Function('library', source(needs))(library);

// The median, as a sample that the garbage collector got into says little.
async function nanoseconds(graph) {
  const run = async (runs) => {
    const started = performance.now();
    for (let i = 0; i < runs; i += 1) await graph(ready);
    return performance.now() - started;
  };
  let runs = 1;
  for (let spent = 0; spent < WARM_UP_MS; runs *= 2) spent = await run(runs);
  runs = Math.max(1, Math.round((runs / 2) * (SAMPLE_MS / WARM_UP_MS)));
  const samples = [];
  while (samples.length < SAMPLES) samples.push(((await run(runs)) * 1e6) / runs);
  return samples.sort((a, b) => a - b)[SAMPLES >> 1];
}

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
  const entry = { name, version: peer.versionOf && (await version(peer.versionOf)), nanoseconds: {}, makespans: {} };
  for (const [graphName, needs] of Object.entries(graphs)) {
    const graph = compile(peer, needs);
    assert.deepEqual(await graph(ready), expected(needs));
    entry.nanoseconds[graphName] = await nanoseconds(graph);
    entry.makespans[graphName] = await makespan(graph, needs);
  }
  report.peers.push(entry);
}
report.checks = Object.fromEntries(Object.entries(graphs).map(([name, needs]) => [name, expected(needs).at(-1)]));
console.log(JSON.stringify(report, null, 1));
