// By async.auto. Its results come in the order in which they were there, so that the answer is put together anew.

import async from 'async';

export function page(db, id, done) {
  async.auto(
    {
      user: (done) => db.user(id, done),
      posts: ['user', ({ user }, done) => db.posts(user.id, done)],
      comments: ['user', ({ user }, done) => db.comments(user.id, done)],
    },
    (error, results) => {
      if (error) {
        return done(error);
      }
      const { user, posts, comments } = results;
      return done(null, { user, posts, comments });
    },
  );
}

export function activity(db, id, done) {
  async.auto(
    {
      user: (done) => db.user(id, done),
      posts: ['user', ({ user }, done) => db.posts(user.id, done)],
      comments: ['user', ({ user }, done) => db.slowComments(user.id, done)],
      replies: ['posts', ({ posts }, done) => db.replies(posts, done)],
      threads: ['posts', 'comments', ({ posts, comments }, done) => db.threads(posts, comments, done)],
    },
    (error, results) => {
      if (error) {
        return done(error);
      }
      const { user, posts, comments, replies, threads } = results;
      return done(null, { user, posts, comments, replies, threads });
    },
  );
}
