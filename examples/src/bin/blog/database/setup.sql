-- Runs at every start, in one transaction, on SQLite and PostgreSQL alike: makes the tables that are not there, and
-- fills those that are empty. The rows are a function of their number, the same in every database.

CREATE TABLE IF NOT EXISTS users (
    id   BIGINT NOT NULL PRIMARY KEY,
    name TEXT   NOT NULL
);

CREATE TABLE IF NOT EXISTS posts (
    id      BIGINT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    title   TEXT   NOT NULL
);

CREATE TABLE IF NOT EXISTS comments (
    id      BIGINT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    body    TEXT   NOT NULL
);

CREATE INDEX IF NOT EXISTS posts_by_user ON posts (user_id, id);
CREATE INDEX IF NOT EXISTS comments_by_user ON comments (user_id, id);

INSERT INTO users (id, name)
WITH RECURSIVE numbers (n) AS (
    SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM users)
    UNION ALL
    SELECT n + 1 FROM numbers WHERE n < 1000
)
SELECT n, 'User ' || n FROM numbers;

-- The factors are prime, so that they spread the rows over the users. User 1000 has only just signed up: no posts and
-- no comments.
INSERT INTO posts (id, user_id, title)
WITH RECURSIVE numbers (n) AS (
    SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM posts)
    UNION ALL
    SELECT n + 1 FROM numbers WHERE n < 10000
)
SELECT n, 1 + (n * 7919) % 999, 'Post ' || n FROM numbers;

INSERT INTO comments (id, user_id, post_id, body)
WITH RECURSIVE numbers (n) AS (
    SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM comments)
    UNION ALL
    SELECT n + 1 FROM numbers WHERE n < 30000
)
SELECT n, 1 + (n * 7907) % 999, 1 + (n * 6151) % 10000, 'Comment ' || n FROM numbers;
