//! Makes and fills the tables.

use sqlx::Executor;

/// Makes the tables that are missing and fills those that are empty, in one transaction: a process that dies half-way
/// leaves the database as it was, and the next start repeats it.
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
