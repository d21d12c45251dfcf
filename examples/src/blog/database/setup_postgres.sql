-- Runs after `setup.sql` on PostgreSQL: where the ids of new rows come from. Reading these takes an id, which no other
-- transaction gets, nor waits for; one that is rolled back leaves a gap.

CREATE SEQUENCE IF NOT EXISTS conjoin_blog_post_ids OWNED BY conjoin_blog_posts.id;
CREATE SEQUENCE IF NOT EXISTS conjoin_blog_comment_ids OWNED BY conjoin_blog_comments.id;

CREATE OR REPLACE VIEW conjoin_blog_next_post AS SELECT nextval('conjoin_blog_post_ids') AS id;
CREATE OR REPLACE VIEW conjoin_blog_next_comment AS SELECT nextval('conjoin_blog_comment_ids') AS id;

-- A sequence that is new goes on after the rows that are there. Never a used one, which may be ahead of them: of rows that
-- are not committed yet nothing is to be seen.
SELECT setval('conjoin_blog_post_ids', (SELECT max(id) FROM conjoin_blog_posts))
FROM conjoin_blog_post_ids WHERE NOT is_called;

SELECT setval('conjoin_blog_comment_ids', (SELECT max(id) FROM conjoin_blog_comments))
FROM conjoin_blog_comment_ids WHERE NOT is_called;
