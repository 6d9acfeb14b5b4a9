#!/bin/sh
# SPDX-License-Identifier: MIT
# Python's ways to a child, from a big process; those that make subprocess
# fork instead of calling vfork in particular.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
python=/usr/bin/python3.11
[ -x "$python" ] || python=/usr/bin/python3
[ -x "$python" ] || skip "no /usr/bin/python3"
temporary_folder

cat >"$tmp/test.py" <<'EOF'
import multiprocessing, os, pty, signal, subprocess, sys, tempfile, threading
from concurrent.futures import ProcessPoolExecutor

big = bytearray(os.urandom(1 << 20) * 48)
mark = big[12345678]
sys.stdout.reconfigure(line_buffering=True)


def run(name, *args, **options):
    done = subprocess.run(*args, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)
    print(name, done.returncode, done.stdout)


def subprocesses():
    run("plain", ["echo", "plain"])
    run("shell", "echo $((6 * 7)); exit 3", shell=True)
    run("preexec", ["sh", "-c", "umask"], preexec_fn=lambda: os.umask(0o77))
    run("session", ["sh", "-c", "test $$ = $(ps -o sid= -p $$)"],
        start_new_session=True, preexec_fn=lambda: None)
    run("group", ["true"], process_group=0)
    run("cwd", ["pwd"], cwd="/usr", preexec_fn=os.getpid)
    run("no fds closed", ["true"], close_fds=False, preexec_fn=int)
    run("restored", ["sh", "-c", "kill -PIPE $$"], restore_signals=True,
        preexec_fn=int)
    run("input", ["tr", "a-z", "A-Z"], input=b"upper" * 20000,
        preexec_fn=int)
    run("environment", ["sh", "-c", "echo $A"], env={"A": "value"})
    if not os.getuid():
        run("user", ["id", "-u"], user=1234, group=1234, extra_groups=[])
    for path in "/no/such/program", "/etc/passwd":
        for preexec in None, int:
            try:
                run("missing", [path], preexec_fn=preexec)
            except OSError as error:
                print("error", error.errno, error.filename)
    try:
        run("raises", ["true"], preexec_fn=lambda: 1 / 0)
    except subprocess.SubprocessError as error:
        print("raised", error)
    try:
        run("timeout", ["sleep", "9"], timeout=0.1, preexec_fn=int)
    except subprocess.TimeoutExpired as error:
        print("expired", error.timeout)
    print(subprocess.getstatusoutput("echo x; exit 4"))
    print(os.system("exit 5"), os.popen("echo y").read())


def forks():
    for n in range(6):
        r, w = os.pipe()
        pid = os.fork()
        if not pid:
            if n % 2:
                os.dup2(w, 1)
                os.execvp("echo", ["echo", "from", "exec", str(n)])
            os.write(w, b"%d" % (big[12345678] == mark))
            big[12345678] ^= 1
            os._exit(7)
        os.close(w)
        print(os.read(r, 100), os.waitpid(pid, 0)[1], big[12345678] == mark)
        os.close(r)
    pid, master = pty.fork()
    if not pid:
        os.execvp("sh", ["sh", "-c", "tty >/dev/null && echo on a terminal"])
    print(os.read(master, 100), os.waitpid(pid, 0)[1])
    print(os.spawnlp(os.P_WAIT, "sh", "sh", "-c", "exit 8"))


def square(x):
    return x * x, big[12345678] == mark


def pools():
    context = multiprocessing.get_context("fork")
    with context.Pool(3) as pool:
        print(pool.map(square, range(6)))
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        print(list(pool.map(square, range(4))))
    queue = context.Queue()
    process = context.Process(target=queue.put, args=(len(big),))
    process.start()
    print(queue.get())
    process.join()
    print(process.exitcode)


def threads():
    def work(out):
        for n in range(10):
            out.append(subprocess.run(
                ["sh", "-c", "exit %d" % n], preexec_fn=int).returncode)
    outs = [[] for n in range(4)]
    all = [threading.Thread(target=work, args=(out,)) for out in outs]
    [t.start() for t in all]
    [t.join() for t in all]
    print(outs)


for round in range(2):
    subprocesses()
    forks()
    pools()
    threads()
try:
    print(os.wait())
except ChildProcessError:
    print("no child left")
EOF
same_in_all_modes "$python" -W ignore "$tmp/test.py"
