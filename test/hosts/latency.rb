# SPDX-License-Identifier: MIT
# The ruby counterpart of bench/host: same arguments, same lines. There is no
# second thread of ours: the third number is "-". As root ruby forks, else it
# calls vfork().

def now_ns
  Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
end

# Strings of 1 KB to 100 KB.
def fill(mb)
  left = mb << 20
  memory = []
  while left > 0
    size = 1024 * (1 + memory.size * 37 % 100)
    memory << 'x' * size
    left -= size
  end
  memory
end

# Each runs ./nop, reaps it and gives the time at which the call returned.
METHODS = {
  'spawn' => lambda do
    pid = spawn('./nop')
    returned = now_ns
    Process.wait(pid)
    returned
  end,
  'system' => lambda do
    system('./nop')
    now_ns
  end,
  'backtick' => lambda do
    `./nop`
    now_ns
  end
}.freeze

def run(name, count, ms)
  limit = now_ns + ms * 1_000_000
  said = +''
  count.times do
    start = now_ns
    returned = METHODS[name].call
    reaped = now_ns
    raise "status #{$?.exitstatus}" unless $?.success?

    said << "#{returned - start} #{reaped - start} -\n"
    break if reaped > limit
  end
  said
end

memory = fill(Integer(ARGV[0]))
$stdout.sync = true
puts 'ready'
while (line = $stdin.gets)
  name, count, ms = line.split
  begin
    puts "#{run(name, count.to_i, ms.to_i)}end"
  rescue StandardError => e
    puts "failed: #{e}"
  end
end
exit memory.empty? ? 1 : 0
