#!/usr/bin/env python3
"""How soon a start serves, and what it weighs: writes docs/benchmarks/start.md.

Needs target/dist (make dist). Each way to start is measured in turn, round by round, so that a busy machine is busy for all;
what counts are the ratios. A start ends with the first connection that is accepted. Kernel programs get ready in the
background meanwhile (ebpf.enabled: auto), as root; they are attached to nothing.
usage: bench-start.py [ROUNDS]
"""
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
IMAGE = os.path.join(ROOT, "target/dist/sni-proxy")
TICKS = os.sysconf("SC_CLK_TCK")
SETTLED_SECONDS = 3
DEADLINE_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_megabytes(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


def start(command, folder):
    """One start: seconds to the first connection, CPU seconds until then, resident megabytes when all is quiet."""
    port = free_port()
    config = os.path.join(folder, "config.json")
    with open(config, "w") as file:
        json.dump({"listen_addr": f"127.0.0.1:{port}", "whitelist": ["example.com"],
                   "ebpf": {"splice": {"pin": "/sys/fs/bpf/sni-proxy-bench-start"}}}, file)
    begin = time.monotonic()
    process = subprocess.Popen(command + ["run", "-c", config], stdout=subprocess.DEVNULL)
    try:
        while not accepts(port):
            if process.poll() is not None or time.monotonic() - begin > DEADLINE_SECONDS:
                sys.exit(f"does not start: {' '.join(command)}")
            time.sleep(0.001)
        seconds = time.monotonic() - begin
        cpu = cpu_seconds(process.pid)
        time.sleep(SETTLED_SECONDS)
        return seconds, cpu, resident_megabytes(process.pid)
    finally:
        process.terminate()
        process.wait()


def size(*paths):
    """Megabytes, as du counts them."""
    return sum(int(subprocess.check_output(["du", "-sk", path]).split()[0]) for path in paths) / 1024


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    java, jar = IMAGE + "/lib/runtime/bin/java", IMAGE + "/lib/sni-proxy.jar"
    ways = {
        "the jar, without a cache": ([java, "-jar", jar], size(jar, IMAGE + "/lib/runtime")),
        "the image": ([IMAGE + "/bin/sni-proxy"], size(IMAGE)),
    }
    results = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for name, (command, _) in ways.items():
                results[name].append(start(command, folder))
    lines = [
        "# Start, size and memory",
        "",
        f"`make dist && scripts/bench-start.py {rounds}`: medians of {rounds} starts each, in turn, on"
        f" {os.cpu_count()} CPUs (load average {os.getloadavg()[0]:.0f}), Linux {platform.release()}.",
        "A start ends with the first accepted connection; memory is resident memory three seconds later, idle.",
        "",
        "| | size, MB | to the first connection, ms | CPU until then, ms | resident, MB |",
        "|---|---|---|---|---|",
    ]
    for name, (_, megabytes) in ways.items():
        seconds, cpu, resident = (statistics.median(column) for column in zip(*results[name]))
        lines.append(f"| {name} | {megabytes:.0f} | {seconds * 1000:.0f} | {cpu * 1000:.0f} | {resident:.0f} |")
    packages = [f"{os.path.basename(path)} {size(path):.0f} MB" for path in sorted(
        entry.path for entry in os.scandir(ROOT + "/target/dist") if entry.name.endswith((".deb", ".gz")))]
    lines += ["", "Packed: " + ", ".join(packages) + "."]
    text = "\n".join(lines) + "\n"
    with open(ROOT + "/docs/benchmarks/start.md", "w") as page:
        page.write(text)
    print(text, end="")


if __name__ == "__main__":
    main()
