//! Creates and fills the tables.

use sqlx::Executor;

/// Creates missing tables and fills empty ones, in one transaction. If the process dies halfway, the database is
/// unchanged and the next start repeats this.
pub(super) async fn set_up<DB: sqlx::Database>(
    mut transaction: sqlx::Transaction<'_, DB>,
    dialect: &'static str,
) -> sqlx::Result<()>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    sqlx::raw_sql(include_str!("setup.sql"))
        .execute(&mut *transaction)
        .await?;
    sqlx::raw_sql(dialect).execute(&mut *transaction).await?;
    transaction.commit().await
}
