// The graph of the comparison in JavaScript, and what the chapter says of errors: `npm install && npm test`.
import assert from 'node:assert/strict';
import async from 'async';
import { all } from 'better-all';

const log = [];
const after = async (ticks, name, value) => {
    log.push(`${name} starts`);
    await new Promise((done) => setTimeout(done, 50 * ticks));
    log.push(`${name} ends`);
    return value;
};
const shape = {
    user: () => after(1, 'user', 7),
    config: () => after(3, 'config', 100),
    posts: (user) => after(3, 'posts', user + 1),
    view: (user, config) => after(1, 'view', user + config),
};

async function withAsyncAuto() {
    const { posts, view } = await async.auto({
        user: async () => shape.user(),
        config: async () => shape.config(),
        posts: ['user', async ({ user }) => shape.posts(user)],
        view: ['user', 'config', async ({ user, config }) => shape.view(user, config)],
    });
    return [posts, view];
}

async function withBetterAll() {
    const { posts, view } = await all({
        async user() { return shape.user(); },
        async config() { return shape.config(); },
        async posts() { return shape.posts(await this.$.user); },
        async view() { return shape.view(await this.$.user, await this.$.config); },
    });
    return [posts, view];
}

for (const page of [withAsyncAuto, withBetterAll]) {
    log.length = 0;
    assert.deepEqual(await page(), [8, 107]);
    // Each as soon as it can: the posts do not wait for the config.
    assert.ok(log.indexOf('posts starts') < log.indexOf('config ends'), page.name);
}

const no = async () => { throw new Error('no'); };
const rejected = (promise, reason) => assert.rejects(Promise.race([promise, after(1, 'race').then(no)]), reason);

// Names and circles are looked at when it runs; a circle of promises hangs.
const one = async () => 1;
await rejected((async () => async.auto({ a: ['x', one] }))(), /non-existent dependency/);
await rejected((async () => async.auto({ a: ['b', one], b: ['a', one] }))(), /recursive dependency/);
await rejected(all({ async a() { return this.$.x; } }), /Unknown task/);
await rejected(all({ async a() { return await this.$.b; }, async b() { return await this.$.a; } }), /no/);

// After an error the rest runs on, or is told.
log.length = 0;
await assert.rejects(async.auto({ no, slow: async () => after(1, 'slow') }), /no/);
await after(2, 'wait');
assert.ok(log.includes('slow ends'));
let told = false;
await assert.rejects(all({
    no,
    async slow() {
        this.$signal.addEventListener('abort', () => { told = true; });
        await after(1, 'slow');
    },
}), /no/);
assert.ok(told);

// The callback gets the results so far beside the error.
async.auto({ a: one, bad: ['a', no] }, (error, results) => {
    assert.equal(error.message, 'no');
    assert.equal(results.a, 1);
});
