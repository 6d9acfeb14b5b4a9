#!/bin/sh
# SPDX-License-Identifier: MIT
# node: libuv forks, or does since 1.44 what we do, depending on the version.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs node
temporary_folder

cat >"$tmp/test.js" <<'EOF'
const cp = require("child_process");
const big = Buffer.alloc(100 << 20, 1);
const say = (...words) => console.log(...words);

function finished(name, child) {
	let out = "";
	child.stdout?.on("data", (data) => (out += data));
	let failure = "";
	child.on("error", (e) => (failure = e.code));
	return new Promise((resolve) => {
		child.on("close", (code, signal) =>
			resolve(say(name, failure, code, signal, out.trim())));
	});
}

async function all(round) {
	await finished("spawn", cp.spawn("sh", ["-c", "echo out; exit 3"]));
	await finished("shell", cp.spawn("echo $((6*7))", { shell: true }));
	await finished("missing", cp.spawn("/no/such/program"));
	await finished("folder", cp.spawn("pwd", { cwd: "/usr" }));
	await finished("no folder", cp.spawn("pwd", { cwd: "/no/such" }));
	await finished("detached", cp.spawn("true", { detached: true }));
	await finished("environment",
		cp.spawn("sh", ["-c", "echo $A"],
			{ env: { A: "b", PATH: process.env.PATH } }));
	if (process.getuid() === 0)
		await finished("user", cp.spawn("id", ["-u"], { uid: 1234 }));
	const cat = cp.spawn("cat");
	cat.stdin.end("through");
	await finished("cat", cat);
	const sleeper = cp.spawn("sleep", ["60"]);
	sleeper.kill("SIGTERM");
	await finished("killed", sleeper);
	await new Promise((r) => cp.exec("echo exec; exit 4",
		(e, out) => r(say("exec", e.code, out.trim()))));
	await new Promise((r) => cp.execFile("echo", ["file"],
		(e, out) => r(say("execFile", out.trim()))));
	const r = cp.spawnSync("sh", ["-c", "cat; exit 5"], { input: "in" });
	say("sync", r.status, String(r.stdout));
	say("execSync", String(cp.execSync("echo sync")).trim());
	say("timeout", cp.spawnSync("sleep", ["9"], { timeout: 50 }).signal);
	const child = cp.fork(__filename, ["child"]);
	child.send(round);
	await new Promise((r) => child.on("message", (m) => r(say("fork", m))));
	await finished("forked", child);
	const many = [];
	for (let n = 0; n < 30; n++)
		many.push(new Promise((r) =>
			cp.spawn("sh", ["-c", "exit " + n])
				.on("close", (code) => r(code))));
	say("many", (await Promise.all(many)).join());
	say("intact", big[77777777] === 1);
}

if (process.argv[2] === "child") {
	process.on("message", (m) => {
		process.send(m + 1);
		process.disconnect();
	});
} else {
	all(1).then(() => all(2));
}
EOF
same_in_all_modes node "$tmp/test.js"
