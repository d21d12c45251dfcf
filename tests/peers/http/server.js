// A page of the blog service in Node, for a load generator: tests/benches/http/run.sh starts it.
//
//     node server.js express auto 20     # Express or plain, async.auto or Q, how many milliseconds a query takes
//
// It answers GET /{auto|q}/{user id}, and the same with /activity after it, as tests/benches/http does.

import { createServer } from 'node:http';
import express from 'express';

import * as auto from './auto.js';
import * as q from './q.js';
import { Queries, Refusal } from './queries.js';

const FRAMEWORKS = { express: withExpress, plain };
const MODES = { auto, q };

const [framework, mode, latency = '0'] = process.argv.slice(2);
if (!Object.hasOwn(FRAMEWORKS, framework) || !Object.hasOwn(MODES, mode) || !/^\d+$/.test(latency)) {
  console.error('usage: node server.js express|plain auto|q [MILLISECONDS]');
  process.exit(2);
}

const server = createServer(FRAMEWORKS[framework](new Queries(Number(latency))));
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));

function withExpress(db) {
  const answer = (handler) => (request, response, next) => {
    handler(db, parse(request.params.id), (error, value) => (error ? next(error) : response.json(value)));
  };
  const app = express();
  app.get(`/${mode}/:id`, answer(MODES[mode].page));
  app.get(`/${mode}/:id/activity`, answer(MODES[mode].activity));
  // Four parameters: it is how Express knows that this is for errors.
  app.use((error, _request, response, _next) => {
    response.status(statusOf(error)).json({ error: error.message });
  });
  return app;
}

function plain(db) {
  const { page, activity } = MODES[mode];
  return (request, response) => {
    const send = (status, value) => {
      const body = Buffer.from(JSON.stringify(value));
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
      response.end(body);
    };
    const done = (error, value) => {
      if (error) {
        send(statusOf(error), { error: error.message });
      } else {
        send(200, value);
      }
    };
    try {
      const [, first, id, last, ...rest] = request.url.split('/');
      if (first !== mode || id === undefined || rest.length > 0 || (last !== undefined && last !== 'activity')) {
        throw new Refusal(404, 'there is nothing here');
      }
      (last === undefined ? page : activity)(db, parse(id), done);
    } catch (error) {
      done(error);
    }
  };
}

function parse(id) {
  if (!/^[1-9]\d*$/.test(id)) {
    throw new Refusal(400, `\`${id}\` is not a user id`);
  }
  return Number(id);
}

function statusOf(error) {
  return error instanceof Refusal ? error.status : 500;
}
