"""python-igraph on the questions of the bench: python-igraph.py <task> <network file> [step]; see igraph.c."""
import json
import resource
import statistics
import sys
import time

import igraph

task, file = sys.argv[1:3]
step = int(sys.argv[3]) if len(sys.argv) > 3 else 1
with open(file, encoding="ascii") as lines:
    nodes = int(next(lines).split()[0])
    arcs = [[int(word) for word in line.split()] for line in lines]
graph = igraph.Graph(n=nodes, edges=[arc[:2] for arc in arcs], directed=True)
weights = [arc[2] for arc in arcs]
check = None


def timed(work, rounds):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = work()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times), result


if task == "distances":
    ms, rows = timed(lambda: graph.distances(weights=weights), 5)
    check = [sum(x for row in rows for x in row if x < float("inf"))]
    ms = {"distances": ms}
elif task == "k-shortest":
    pairs = [(s, t) for s in range(nodes) for t in range(s + 1, nodes)]

    def shortest(pair):
        return graph.get_k_shortest_paths(*pair, k=8, weights=weights, output="epath")

    ms, found = timed(lambda: [shortest(pair) for pair in pairs[::step]], 1)
    check = [sum(weights[a] for path in shortest(pair) for a in path) for pair in pairs[::1000]]
    ms = {"pair": ms / len(found)}
else:
    sys.exit(2)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
print(json.dumps({"ms": ms, "peakMb": peak, "check": check}))
