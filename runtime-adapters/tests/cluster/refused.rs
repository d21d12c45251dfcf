//! Tests what is refused before anything starts. Within a test, nothing more is possible: its workers would run all
//! tests.

use std::io;
use std::net::TcpListener;

use conjoin_adapters::{Cluster, ClusterError};

async fn error(cluster: Cluster) -> ClusterError {
    cluster
        .run(async |_| -> io::Result<()> { unreachable!("this is no worker") })
        .await
        .unwrap_err()
}

#[tokio::test]
async fn taken_address_is_the_supervisors_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = error(Cluster::new(2).listen(address)).await;
    assert!(
        matches!(&error, ClusterError::Bind(error) if error.kind() == io::ErrorKind::AddrInUse),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot listen: {address}: ")),
        "{error}"
    );
}

#[tokio::test]
async fn an_address_that_is_none_is_an_error() {
    let error = error(Cluster::one_per_core().listen("not an address")).await;
    assert!(matches!(error, ClusterError::Bind(_)), "{error:?}");
}

#[tokio::test]
async fn no_address_is_an_error() {
    assert_eq!(
        error(Cluster::new(1)).await.to_string(),
        "cannot listen: no address was given"
    );
}

#[tokio::test]
async fn no_workers_are_an_error() {
    let error = error(Cluster::new(0).listen("127.0.0.1:0")).await;
    assert!(matches!(error, ClusterError::NoWorkers), "{error:?}");
}

#[tokio::test]
async fn a_listener_that_cannot_be_made_is_an_error() {
    let error = error(Cluster::new(1).listen_with(|| Err(io::Error::other("on purpose")))).await;
    assert_eq!(error.to_string(), "cannot listen: on purpose");
}
