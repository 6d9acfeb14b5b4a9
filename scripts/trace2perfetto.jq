# SPDX-License-Identifier: MIT
# A trace of vspawn (VSPAWN_TRACE) for ui.perfetto.dev or chrome://tracing:
#	jq -n -f trace2perfetto.jq TRACE >trace.json
# Calls are slices in their threads, execs are instants.
[inputs] as $lines
| ($lines | map(.ts) | min // 0) as $first
| {
	displayTimeUnit: "ms",
	traceEvents: (
		($lines | unique_by(.pid) | map({
			ph: "M", name: "process_name", pid, tid: .pid, ts: 0,
			args: {name: "\(.program) \(.pid)"}
		}))
		+ ($lines | map({
			name: (if .engine then "\(.function) (\(.engine))"
				else .function end),
			cat: (.engine // "exec"),
			ph: (if has("ns") then "X" else "i" end),
			ts: ((.ts - $first) * 1000000 | floor),
			pid, tid,
			args: (. | del(.ts, .pid, .tid, .ns, .program, .function))
		}
		+ (if has("ns") then {dur: (.ns / 1000)} else {s: "t"} end)))
	)
}
