//! Metrics, and `GET /metrics` for Prometheus.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use conjoin_adapters::around::Metrics;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};

use crate::blog::app::App;
use crate::blog::error::AppError;

#[derive(Clone, Debug)]
pub(crate) struct Telemetry {
    /// The object for `#![around]`.
    pub(crate) metrics: Metrics,
    registry: Registry,
    /// Dropping it stops the measurements.
    _provider: SdkMeterProvider,
}

impl Telemetry {
    pub(crate) fn new() -> Result<Self, OTelSdkError> {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .build()?;
        let provider = SdkMeterProvider::builder().with_reader(exporter).build();
        Ok(Self {
            metrics: Metrics::new(&provider.meter("blog")),
            registry,
            _provider: provider,
        })
    }
}

pub(crate) async fn metrics(
    State(App { telemetry, .. }): State<App>,
) -> Result<impl IntoResponse, AppError> {
    let text = TextEncoder::new()
        .encode_to_string(&telemetry.registry.gather())
        .map_err(|error| AppError::Internal(error.into()))?;
    Ok((
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    ))
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use crate::blog::routes::router;
    use crate::blog::testing::{NEVER, app, get, new_database, text};

    #[tokio::test]
    async fn tasks_are_measured_by_name_and_error() {
        let (_directory, _, database) = new_database(std::time::Duration::ZERO).await;
        let router = router(app(database), NEVER);
        for path in ["/posts/1", "/posts/2", "/posts/999999"] {
            let _ = get(router.clone(), path, "measured").await;
        }
        let response = get(router, "/metrics", "metrics").await;
        let content_type = &response.headers()[header::CONTENT_TYPE];
        assert_eq!(content_type, "text/plain; version=0.0.4; charset=utf-8");
        let text = text(response).await;
        let count = |task: &str, error: &str| {
            let line = text.lines().find(|line| {
                line.starts_with("conjoin_task_duration_seconds_count{")
                    && line.contains(&format!("conjoin_task_name=\"{task}\""))
                    && line.contains("error_type") != error.is_empty()
                    && line.contains(error)
            });
            let (_, count) = line?.rsplit_once(' ')?;
            count.parse::<u32>().ok()
        };
        assert_eq!(count("post", ""), Some(2), "{text}");
        assert_eq!(count("post", "AppError"), Some(1), "{text}");
        assert_eq!(count("remarks", ""), Some(2), "{text}");
        assert_eq!(count("remarks", "AppError"), None, "{text}");
        assert!(text.contains("conjoin_graph_name=\"post\""), "{text}");
    }
}
