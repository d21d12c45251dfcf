-- Runs after `setup.sql` on SQLite: where the ids of new rows come from. A transaction that reads these has the file for
-- itself, so no other can come to the same id.

CREATE VIEW IF NOT EXISTS conjoin_blog_next_post AS
SELECT coalesce(max(id), 0) + 1 AS id FROM conjoin_blog_posts;

CREATE VIEW IF NOT EXISTS conjoin_blog_next_comment AS
SELECT coalesce(max(id), 0) + 1 AS id FROM conjoin_blog_comments;
