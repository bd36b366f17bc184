-- wrk's requests: WHAT=get (an address), video (one of IDS), view (one of IDS, each time another session), events (50 of players at once).
-- BASE is what comes before /videos: /api/v1 or nothing.
local what, base = os.getenv("WHAT"), os.getenv("BASE") or ""
local threads, ready, n = 0, {}, 0
local session = "s-" .. (os.getenv("RUN") or "0") .. "-%02d%09d"

function setup(thread)
	thread:set("id", threads)
	threads = threads + 1
end

local function ids()
	local all = {}
	for line in io.lines(os.getenv("IDS")) do
		all[#all + 1] = line
	end
	return all
end

function init()
	math.randomseed(4242 + id)
	if what == "get" then
		ready[1] = wrk.format("GET")
		return
	end
	local all = ids()
	if what == "events" then
		for i = 1, 200 do
			local events = {}
			for k = 1, 50 do
				events[k] = ('{"eventType":"progress","videoId":"%s","sessionId":"s-%d-%d","position":%d,"watchDuration":5}'):format(
				    all[math.random(#all)], i, k, math.random(5, 170))
			end
			ready[i] = wrk.format("POST", base .. "/analytics/engagement", { ["Content-Type"] = "application/json" },
			    '{"events":[' .. table.concat(events, ",") .. "]}")
		end
		return
	end
	for i = 1, 20000 do
		local video = base .. "/videos/" .. all[math.random(#all)]
		if what == "video" then
			ready[i] = wrk.format("GET", video)
		else
			local body = '{"watchedMs":' .. math.random(10000, 60000) .. ',"completed":true,"sessionId":"' ..
			    session:format(id, 0) .. '"}'
			-- everything but the number at the end
			ready[i] = wrk.format("POST", video .. "/view", { ["Content-Type"] = "application/json" }, body):sub(1, -12)
		end
	end
end

function request()
	n = n + 1
	local at = (n - 1) % #ready + 1
	if what == "view" then
		return ready[at] .. ("%09d"):format(n) .. '"}'
	end
	return ready[at]
end

-- one line: requests/s, p99 in ms, what went wrong
function done(summary, latency)
	local e = summary.errors
	io.write(("result %.0f %.2f %d\n"):format(summary.requests / summary.duration * 1e6,
	    latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
