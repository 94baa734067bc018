"""Reads lines "proxy second {json}", second 0 for what is measured when all are warm; prints the medians as a Markdown table."""
import json
import statistics
import sys

NAMES = {
    "ours": "SNI-Proxy (relay, 1 event loop)",
    "haproxy": "HAProxy (1 thread)",
    "nginx": "nginx stream (1 worker)",
    "sniproxy": "sniproxy",
    "back": "no proxy (clients and back end share a core)",
}
EARLY = (1, 2, 4)

rounds, early = {}, {}
for line in sys.stdin:
    proxy, second, figures = line.split(" ", 2)
    if second == "0":
        rounds.setdefault(proxy, []).append(json.loads(figures))
    else:
        early[proxy, int(second)] = json.loads(figures)

best = max(statistics.median(r["per_second"] for r in rounds[p]) for p in ("haproxy", "nginx", "sniproxy"))
print("| | new connections/s | of the best peer | p50 ms | p99 ms | failed | in second " + ", ".join(map(str, EARLY)) + " |")
print("|---|---|---|---|---|---|---|")
for proxy, runs in rounds.items():
    rate, p50, p99 = (statistics.median(r[key] for r in runs) for key in ("per_second", "p50_ms", "p99_ms"))
    failed = sum(r["failed"] for r in runs + [figures for (name, _), figures in early.items() if name == proxy])
    first = ", ".join(f"{early[proxy, s]['per_second']:,.0f}" if (proxy, s) in early else "-" for s in EARLY)
    print(f"| {NAMES[proxy]} | {rate:,.0f} | {rate / best:.2f} | {p50:.2f} | {p99:.2f} | {failed} | {first} |")
