#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# packages: node:nodejs
# node's cluster: workers that share a listening socket, which the primary
# accepts from or hands over; one is killed, one exits, both are replaced.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs node
server_folder

cat >"$tmp/cluster.js" <<'EOJ'
const assert = require("assert");
const cluster = require("cluster");
const cp = require("child_process");
const http = require("http");
const { once } = require("events");
// That a true fork would be worth a transaction.
const big = Buffer.alloc(100 << 20, 1);
let port = 0;

function ask(path) {
	return new Promise((resolve, reject) => {
		http.get({ port, path, host: "127.0.0.1", agent: false }, (r) => {
			let text = "";
			r.on("data", (data) => (text += data));
			r.on("end", () => resolve(r.statusCode + " " + text));
		}).on("error", reject);
	});
}

async function worker() {
	const w = cluster.fork({ NUMBER: cluster.number++ });
	const [address] = await once(w, "listening");
	// The first one's is for all.
	port ||= address.port;
	assert.equal(address.port, port);
	console.log("listens");
	return w;
}

// By all of them where the primary accepts; else that is up to the kernel.
async function answers(workers) {
	const pids = workers.map((w) => String(w.process.pid));
	const each = cluster.schedulingPolicy === cluster.SCHED_RR;
	const missing = new Set(each ? pids : []);
	const said = new Set();
	for (let n = 0; n < 20 || (missing.size && n < 1000); n++) {
		const text = await ask("/" + (n % 2 ? "child" : ""));
		const [status, pid, ...rest] = text.split(" ");
		assert.equal(status, "200");
		assert(pids.includes(pid));
		missing.delete(pid);
		said.add(rest.join(" "));
	}
	assert.equal(missing.size, 0);
	console.log("answered", ...[...said].sort());
}

async function ends(w, end) {
	end(w);
	const [code, signal] = await once(w, "exit");
	console.log("ended", code, signal, w.exitedAfterDisconnect);
}

async function primary() {
	cluster.number = 1;
	const workers = [await worker(), await worker()];
	await answers(workers);
	await ends(workers.shift(), (w) => process.kill(w.process.pid, "SIGKILL"));
	await answers(workers);
	workers.push(await worker());
	await answers(workers);
	await ends(workers.shift(), (w) => w.send("exit"));
	workers.push(await worker());
	await answers(workers);
	// As many at a time as they come.
	const many = [];
	for (let n = 0; n < 40; n++)
		many.push(ask(n % 4 ? "/" : "/child"));
	for (const text of await Promise.all(many))
		assert.match(text, /^200 /);
	await ends(workers.shift(), (w) => w.disconnect());
	await ends(workers.shift(), (w) => w.kill());
	console.log("intact", big[77777777] === 1);
}

function serve() {
	http.createServer((request, response) => {
		const me = process.pid + " ";
		if (request.url !== "/child")
			return response.end(me + "worker");
		// With no more descriptors than the three, and that of ls.
		cp.execFile("sh", ["-c", "ls /proc/self/fd | wc -l"],
			(e, out) => response.end(me + "child " + out.trim()));
	}).listen(0, "127.0.0.1");
	process.on("message", () => process.exit(+process.env.NUMBER));
}

cluster.isPrimary ? primary() : serve();
EOJ

scenario() {
	for policy in rr none; do
		NODE_CLUSTER_SCHED_POLICY=$policy in_mode "$1" \
			timeout 60 node "$tmp/cluster.js" ||
			fail "$1, $policy: status $?"
	done
}
in_all_modes scenario
for run in auto txn; do
	committed "$run" node
done
