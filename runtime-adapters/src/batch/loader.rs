//! Loaders, and what they may return.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::pin::Pin;

/// The loader of a [`Batch`](super::Batch): any function `Fn(Vec<K>) -> impl Future<Output: LoaderOutput<K>>`.
pub trait Loader<K, V, E> {
    /// The future of a call.
    type Future: Future<Output: LoaderOutput<K, Value = V, Error = E>>;

    /// Calls the function.
    fn call(&self, keys: Vec<K>) -> Self::Future;
}

impl<K, V, E, L, F> Loader<K, V, E> for L
where
    L: Fn(Vec<K>) -> F,
    F: Future<Output: LoaderOutput<K, Value = V, Error = E>>,
{
    type Future = F;

    fn call(&self, keys: Vec<K>) -> F {
        self(keys)
    }
}

/// The return type of a loader: a map by key, a `Vec` in the order of the keys, or a `Result` of one of these.
#[diagnostic::on_unimplemented(
    message = "a loader cannot return `{Self}`",
    label = "not a map by `{K}`, a `Vec`, or a `Result` of one of these",
    note = "return a `HashMap` or `BTreeMap` from keys to values, a `Vec` of values in the order of the keys, or a `Result` of one of these"
)]
pub trait LoaderOutput<K> {
    /// The value of one key.
    type Value;
    /// The loader's error, [`Infallible`] if it cannot fail.
    type Error;

    /// Returns the value of each key, if there is one.
    ///
    /// # Errors
    ///
    /// When the loader failed.
    fn into_values<'k>(
        self,
        keys: impl ExactSizeIterator<Item = &'k K>,
    ) -> Result<Vec<Option<Self::Value>>, Self::Error>
    where
        K: 'k;
}

impl<K: Hash + Eq, V, S: BuildHasher> LoaderOutput<K> for HashMap<K, V, S> {
    type Value = V;
    type Error = Infallible;

    fn into_values<'k>(
        mut self,
        keys: impl ExactSizeIterator<Item = &'k K>,
    ) -> Result<Vec<Option<V>>, Infallible>
    where
        K: 'k,
    {
        Ok(keys.map(|key| self.remove(key)).collect())
    }
}

impl<K: Ord, V> LoaderOutput<K> for BTreeMap<K, V> {
    type Value = V;
    type Error = Infallible;

    fn into_values<'k>(
        mut self,
        keys: impl ExactSizeIterator<Item = &'k K>,
    ) -> Result<Vec<Option<V>>, Infallible>
    where
        K: 'k,
    {
        Ok(keys.map(|key| self.remove(key)).collect())
    }
}

impl<K, V> LoaderOutput<K> for Vec<V> {
    type Value = V;
    type Error = Infallible;

    fn into_values<'k>(
        self,
        keys: impl ExactSizeIterator<Item = &'k K>,
    ) -> Result<Vec<Option<V>>, Infallible>
    where
        K: 'k,
    {
        Ok(if self.len() == keys.len() {
            self.into_iter().map(Some).collect()
        } else {
            keys.map(|_| None).collect()
        })
    }
}

impl<K, E, A: LoaderOutput<K, Error = Infallible>> LoaderOutput<K> for Result<A, E> {
    type Value = A::Value;
    type Error = E;

    fn into_values<'k>(
        self,
        keys: impl ExactSizeIterator<Item = &'k K>,
    ) -> Result<Vec<Option<A::Value>>, E>
    where
        K: 'k,
    {
        self?.into_values(keys).map_err(|never| match never {})
    }
}

/// The values of a [`BoxedLoader`] loader.
pub struct BoxedLoaderOutput<V, E>(Result<Vec<Option<V>>, E>);

impl<K, V, E> LoaderOutput<K> for BoxedLoaderOutput<V, E> {
    type Value = V;
    type Error = E;

    fn into_values<'k>(self, _: impl ExactSizeIterator<Item = &'k K>) -> Result<Vec<Option<V>>, E>
    where
        K: 'k,
    {
        self.0
    }
}

impl<V, E> fmt::Debug for BoxedLoaderOutput<V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxedLoaderOutput").finish_non_exhaustive()
    }
}

/// The loader of a [`Batch::boxed`](super::Batch::boxed).
pub type BoxedLoader<K, V, E> = Box<
    dyn Fn(Vec<K>) -> Pin<Box<dyn Future<Output = BoxedLoaderOutput<V, E>> + Send>> + Send + Sync,
>;

pub(super) fn boxed<K, V, E, F, A>(
    loader: impl Fn(Vec<K>) -> F + Send + Sync + 'static,
) -> BoxedLoader<K, V, E>
where
    F: Future<Output = A> + Send + 'static,
    A: LoaderOutput<K, Value = V, Error = E> + 'static,
    K: Clone + Send + 'static,
{
    Box::new(move |keys: Vec<K>| {
        let answer = loader(keys.clone());
        Box::pin(async move { BoxedLoaderOutput(answer.await.into_values(keys.iter())) })
    })
}
