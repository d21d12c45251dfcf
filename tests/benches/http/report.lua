-- For wrk: prints its figures on one line. Latencies are in microseconds.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("report %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
