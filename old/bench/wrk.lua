-- Sends what the environment says, and prints the outcome as one line of JSON. {n} in the path is a number of its own
-- for every request: a question that nobody has asked.
local path, accept, tag = os.getenv("BENCH_PATH"), os.getenv("BENCH_ACCEPT"), os.getenv("BENCH_TAG")
local body = os.getenv("BENCH_BODY")
local number, numbered = tonumber(os.getenv("BENCH_FIRST") or "0"), path:find("{n}", 1, true) ~= nil

if accept then wrk.headers["Accept"] = accept end
if tag then wrk.headers["If-None-Match"] = tag end
if body then wrk.method, wrk.body = "POST", body end

function request()
  number = number + 1
  return wrk.format(nil, numbered and path:gsub("{n}", tostring(number)) or path)
end

function done(summary, latency)
  io.write(string.format(
    '{"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"failed":%d}\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  ))
end
