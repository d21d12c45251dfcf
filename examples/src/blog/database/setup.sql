-- Runs at every start, in one transaction, on SQLite and PostgreSQL alike: makes the tables that are not there, and
-- fills those of the made-up data that are empty. The rows are a function of their number, the same in every database.
--
-- The names are those of nobody else: `DATABASE_URL` may name the database of another application, which may well have
-- a table `users`, or even `blog_users`.

CREATE TABLE IF NOT EXISTS conjoin_blog_users (
    id   BIGINT NOT NULL PRIMARY KEY,
    name TEXT   NOT NULL
);

CREATE TABLE IF NOT EXISTS conjoin_blog_posts (
    id      BIGINT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES conjoin_blog_users (id),
    title   TEXT   NOT NULL
);

CREATE TABLE IF NOT EXISTS conjoin_blog_comments (
    id      BIGINT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES conjoin_blog_users (id),
    post_id BIGINT NOT NULL REFERENCES conjoin_blog_posts (id),
    body    TEXT   NOT NULL
);

-- How many posts each user has, from the first on that is published here.
CREATE TABLE IF NOT EXISTS conjoin_blog_post_counts (
    user_id BIGINT NOT NULL PRIMARY KEY REFERENCES conjoin_blog_users (id),
    posts   BIGINT NOT NULL
);

-- What is to be told to those who follow a user, by whatever sends mail. It is there exactly when the post is.
CREATE TABLE IF NOT EXISTS conjoin_blog_news (
    post_id  BIGINT NOT NULL PRIMARY KEY REFERENCES conjoin_blog_posts (id),
    headline TEXT   NOT NULL
);

CREATE INDEX IF NOT EXISTS conjoin_blog_posts_by_user ON conjoin_blog_posts (user_id, id);
CREATE INDEX IF NOT EXISTS conjoin_blog_comments_by_user ON conjoin_blog_comments (user_id, id);

INSERT INTO conjoin_blog_users (id, name)
WITH RECURSIVE numbers (n) AS (
    SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM conjoin_blog_users)
    UNION ALL
    SELECT n + 1 FROM numbers WHERE n < 1000
)
SELECT n, 'User ' || n FROM numbers;

-- The factors are prime, so that they spread the rows over the users. User 1000 has only just signed up: no posts and
-- no comments.
INSERT INTO conjoin_blog_posts (id, user_id, title)
WITH RECURSIVE numbers (n) AS (
    SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM conjoin_blog_posts)
    UNION ALL
    SELECT n + 1 FROM numbers WHERE n < 10000
)
SELECT n, 1 + (n * 7919) % 999, 'Post ' || n FROM numbers;

INSERT INTO conjoin_blog_comments (id, user_id, post_id, body)
WITH RECURSIVE numbers (n) AS (
    SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM conjoin_blog_comments)
    UNION ALL
    SELECT n + 1 FROM numbers WHERE n < 30000
)
SELECT n, 1 + (n * 7907) % 999, 1 + (n * 6151) % 10000, 'Comment ' || n FROM numbers;
