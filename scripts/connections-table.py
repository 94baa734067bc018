"""Reads lines "proxy {json}" of several rounds, prints the medians as a Markdown table."""
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

rounds = {}
for line in sys.stdin:
    proxy, figures = line.split(" ", 1)
    rounds.setdefault(proxy, []).append(json.loads(figures))

best = max(statistics.median(r["per_second"] for r in rounds[p]) for p in ("haproxy", "nginx", "sniproxy"))
print("| | new connections/s | of the best peer | p50 ms | p99 ms | failed |")
print("|---|---|---|---|---|---|")
for proxy, runs in rounds.items():
    rate, p50, p99 = (statistics.median(r[key] for r in runs) for key in ("per_second", "p50_ms", "p99_ms"))
    failed = sum(r["failed"] for r in runs)
    print(f"| {NAMES[proxy]} | {rate:,.0f} | {rate / best:.2f} | {p50:.2f} | {p99:.2f} | {failed} |")
