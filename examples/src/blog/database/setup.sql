-- Runs at every start, in one transaction, on SQLite and PostgreSQL alike. It creates missing tables and fills empty ones
-- with made-up rows. A row depends only on its number, so every database gets the same rows.
--
-- The long names avoid clashes: `DATABASE_URL` may name the database of another application, which may have a table
-- `users` or even `blog_users`.

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

-- How many posts each user has, once the user has published one here.
CREATE TABLE IF NOT EXISTS conjoin_blog_post_counts (
    user_id BIGINT NOT NULL PRIMARY KEY REFERENCES conjoin_blog_users (id),
    posts   BIGINT NOT NULL
);

-- Headlines for a mailer to send to a user's followers. Each is written in the transaction of its post.
CREATE TABLE IF NOT EXISTS conjoin_blog_news (
    post_id  BIGINT NOT NULL PRIMARY KEY REFERENCES conjoin_blog_posts (id),
    headline TEXT   NOT NULL
);

CREATE INDEX IF NOT EXISTS conjoin_blog_posts_by_user ON conjoin_blog_posts (user_id, id);
CREATE INDEX IF NOT EXISTS conjoin_blog_comments_by_user ON conjoin_blog_comments (user_id, id);
CREATE INDEX IF NOT EXISTS conjoin_blog_comments_by_post ON conjoin_blog_comments (post_id, id);

INSERT INTO conjoin_blog_users (id, name)
WITH RECURSIVE numbers (n) AS (
    SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM conjoin_blog_users)
    UNION ALL
    SELECT n + 1 FROM numbers WHERE n < 1000
)
SELECT n, 'User ' || n FROM numbers;

-- The factors are prime, so they spread the rows over the users. User 1000 is new, with no posts and no comments.
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
