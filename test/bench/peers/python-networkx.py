"""NetworkX on the questions of the bench: python-networkx.py <task> <network file> [step]; see igraph.c."""
import itertools
import json
import resource
import sys
import time

import networkx as nx

task, file = sys.argv[1:3]
step = int(sys.argv[3]) if len(sys.argv) > 3 else 1
with open(file, encoding="ascii") as lines:
    nodes = int(next(lines).split()[0])
    arcs = [[int(word) for word in line.split()] for line in lines]
pairs = [(s, t) for s in range(nodes) for t in range(s + 1, nodes)]
check = None
start = time.perf_counter()


def elapsed():
    return (time.perf_counter() - start) * 1e3


if task in ("distances", "failures"):
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from((tail, head, link, {"weight": ns}) for tail, head, ns, link in arcs)
    start = time.perf_counter()
    if task == "distances":
        rows = dict(nx.all_pairs_dijkstra_path_length(graph))
        ms = {"distances": elapsed()}
        check = [sum(x for row in rows.values() for x in row.values())]
    else:
        failed = sorted({arc[3] for arc in arcs})[::step]
        check = []
        for link in failed:
            dead = [(tail, head, key) for tail, head, key in graph.edges(keys=True) if key == link]
            left = graph.copy()
            left.remove_edges_from(dead)
            rows = dict(nx.all_pairs_dijkstra_path_length(left))
            check.append(sum(x for row in rows.values() for x in row.values()))
        ms = {"failure": elapsed() / len(failed)}
elif task == "k-shortest":
    graph = nx.DiGraph()
    graph.add_edges_from((tail, head, {"weight": ns}) for tail, head, ns, _ in arcs)
    start = time.perf_counter()
    found = []
    for s, t in pairs[::step]:
        paths = nx.shortest_simple_paths(graph, s, t, "weight")
        found.append(list(itertools.islice(paths, 8)))
    ms = {"pair": elapsed() / len(found)}
    by_pair = dict(zip(pairs[::step], found))
    check = [sum(nx.path_weight(graph, path, "weight") for path in by_pair[pair]) for pair in pairs[::1000]]
elif task == "disjoint":
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(nodes), demand=0)
    for tail, head, ns, _ in arcs:
        graph.add_edge(tail, head, capacity=1, weight=ns)
    start = time.perf_counter()
    found = {}
    for s, t in pairs[::step]:
        graph.nodes[s]["demand"], graph.nodes[t]["demand"] = -2, 2
        try:
            found[s, t] = nx.network_simplex(graph)[0]
        except nx.NetworkXUnfeasible:
            found[s, t] = 0
        graph.nodes[s]["demand"] = graph.nodes[t]["demand"] = 0
    ms = {"pair": elapsed() / len(found)}
    check = [found[pair] for pair in pairs[::1000]]
else:
    sys.exit(2)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
print(json.dumps({"ms": ms, "peakMb": peak, "check": check}))
