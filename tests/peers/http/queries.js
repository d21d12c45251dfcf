// The rows and queries of tests/benches/http/src/queries.rs: in memory, with the same waits, and copied for each answer as
// a driver does. They call back in node's style, `done(error, rows)`, and never before they have returned.

const USERS = 1000;
const POSTS = 10_000;
const COMMENTS = 30_000;

/** How many latencies a slow query takes; any other takes one. */
const SLOW = 3;

/** An error that the client is told of. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Queries {
  #latency;
  #users = new Map();
  #posts = new Map();
  #postsOfUser = new Map();
  #commentsOfUser = new Map();
  #commentsUnderPost = new Map();

  /** @param {number} latency in milliseconds */
  constructor(latency) {
    this.#latency = latency;
    for (let id = 1; id <= USERS; id += 1) {
      this.#users.set(id, { id, name: `User ${id}` });
    }
    for (let id = 1; id <= POSTS; id += 1) {
      const post = { id, title: `Post ${id}` };
      this.#posts.set(id, post);
      add(this.#postsOfUser, 1 + ((id * 7919) % 999), post);
    }
    for (let id = 1; id <= COMMENTS; id += 1) {
      const comment = { id, post_id: 1 + ((id * 6151) % POSTS), body: `Comment ${id}` };
      add(this.#commentsOfUser, 1 + ((id * 7907) % 999), comment);
      add(this.#commentsUnderPost, comment.post_id, comment);
    }
  }

  user(id, done) {
    this.#wait(1, () => {
      const user = this.#users.get(id);
      if (user === undefined) {
        done(new Refusal(404, `there is no user ${id}`));
      } else {
        done(null, { ...user });
      }
    });
  }

  posts(userId, done) {
    this.#wait(1, () => done(null, copies(this.#postsOfUser.get(userId))));
  }

  comments(userId, done) {
    this.#wait(1, () => done(null, copies(this.#commentsOfUser.get(userId))));
  }

  /** The same as `comments`, but slow. */
  slowComments(userId, done) {
    this.#wait(SLOW, () => done(null, copies(this.#commentsOfUser.get(userId))));
  }

  /** The comments under `posts`; slow as well. */
  replies(posts, done) {
    this.#wait(SLOW, () => {
      const comments = posts.flatMap((post) => this.#commentsUnderPost.get(post.id) ?? []);
      done(null, copies(comments.sort((one, other) => one.id - other.id)));
    });
  }

  /** The posts that `comments` are under, once each and without `own`. */
  threads(own, comments, done) {
    this.#wait(1, () => {
      const others = comments.map((comment) => comment.post_id).filter((id) => own.every((post) => post.id !== id));
      const ids = [...new Set(others)].sort((one, other) => one - other);
      done(null, copies(ids.map((id) => this.#posts.get(id))));
    });
  }

  #wait(latencies, then) {
    if (this.#latency === 0) {
      setImmediate(then);
    } else {
      setTimeout(then, this.#latency * latencies);
    }
  }
}

function add(lists, key, row) {
  const list = lists.get(key);
  if (list === undefined) {
    lists.set(key, [row]);
  } else {
    list.push(row);
  }
}

function copies(rows = []) {
  return rows.map((row) => ({ ...row }));
}
