#!/bin/sh
# SPDX-License-Identifier: MIT
# packages: ruby
# ruby: vfork, but fork as root; blocks that never exec; what is passed on.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs ruby
server_folder

cat >"$tmp/test.rb" <<'EOF'
require "open3"
require "pty"
require "timeout"
$stdout.sync = true
$big = "x" * 50_000_000

def status
  s = $?
  s.signaled? ? "signal #{s.termsig}" : s.exitstatus
end

2.times do
  p `echo out; exit 3`, status, %x(kill -TERM $$), status
  p system("exit 4"), status, system("true"), system("/no/such")
  begin
    Process.spawn("/no/such/program")
  rescue SystemCallError => e
    p e.class
  end
  begin
    Process.spawn("true", chdir: "/no/such")
  rescue SystemCallError => e
    p e.class
  end
  r, w = IO.pipe
  Process.wait Process.spawn({ "A" => "b", "HOME" => nil },
    "echo $A $HOME; pwd; umask; ulimit -n; test $$ = $(ps -o pgid= -p $$) && echo leader",
    out: w, err: [:child, :out], chdir: "/usr", umask: 0o77,
    pgroup: true, rlimit_nofile: 99, close_others: true)
  w.close
  p r.read, status
  p Open3.capture3("cat; echo err >&2; exit 5", stdin_data: "in" * 50_000)
    .then { |o, e, s| [o.size, e, s.exitstatus] }
  p Open3.pipeline_r("echo a b", "tr a-z A-Z") { |o, _| o.read }
  IO.popen(%w[tr a-z A-Z], "r+") { |io| io << "upper"; io.close_write; p io.read }
  IO.popen("-") { |io| io ? p(io.read) : print("child #{$big.size}") }
  p status
  pid = fork { $big[0] = "y"; exit! 6 }
  Process.wait(pid)
  p status, $big[0]
  pid = fork { exec("sh", "-c", "exit 7") }
  p Process.detach(pid).value.exitstatus
  pid = fork { at_exit { exit! 8 }; raise SystemExit }
  Process.wait(pid)
  p status
  p(20.times.map { |n| Thread.new { `echo #{n}`.to_i } }.map(&:value))
  pids = 20.times.map { |n| n.odd? ? fork { exit n } : spawn("exit #{n}") }
  p(pids.map { |i| Process.wait2(i)[1].exitstatus })
  PTY.spawn("tty >/dev/null && echo terminal; exit 9") do |o, _, i|
    p o.gets
    Process.wait(i)
    p status
  end
  seen = 0
  old = trap("CHLD") { seen += 1 }
  system("true")
  fork { exec "true" }
  Process.wait
  trap("CHLD", old || "DEFAULT")
  p seen > 0
  begin
    Timeout.timeout(0.2) { system("sleep 9") }
  rescue Timeout::Error
    p "timeout"
  end
end
p `id -u`.to_i == Process.uid
EOF

scenario() {
	in_mode "$1" ruby "$tmp/test.rb" 2>&1
}
in_all_modes scenario
committed txn ruby
