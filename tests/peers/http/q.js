// By Q, in the version that the tutorials were written for: each query is a promise, and whoever needs its rows waits
// for it.

import Q from 'q';

export function page(db, id, done) {
  const user = Q.ninvoke(db, 'user', id);
  const posts = user.then(({ id }) => Q.ninvoke(db, 'posts', id));
  const comments = user.then(({ id }) => Q.ninvoke(db, 'comments', id));
  Q.all([user, posts, comments])
    .spread((user, posts, comments) => ({ user, posts, comments }))
    .nodeify(done);
}

export function activity(db, id, done) {
  const user = Q.ninvoke(db, 'user', id);
  const posts = user.then(({ id }) => Q.ninvoke(db, 'posts', id));
  const comments = user.then(({ id }) => Q.ninvoke(db, 'slowComments', id));
  const replies = posts.then((posts) => Q.ninvoke(db, 'replies', posts));
  const threads = Q.spread([posts, comments], (posts, comments) => Q.ninvoke(db, 'threads', posts, comments));
  Q.all([user, posts, comments, replies, threads])
    .spread((user, posts, comments, replies, threads) => ({ user, posts, comments, replies, threads }))
    .nodeify(done);
}
