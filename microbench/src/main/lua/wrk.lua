-- SPDX-License-Identifier: Apache-2.0
-- For wrk: its one argument is how many requests go out at once. Prints one line, as the other load generators do.
function init(args)
    local pipelined = tonumber(args[1])
    if pipelined > 1 then
        local requests = string.rep(wrk.format(), pipelined)
        request = function() return requests end
    end
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        "responses %d seconds %.6f p50_us %.3f p90_us %.3f p99_us %.3f p999_us %.3f errors %d\n",
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(90),
        latency:percentile(99), latency:percentile(99.9),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
