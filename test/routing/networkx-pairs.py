"""Least sum of two link-disjoint paths of every pair, by NetworkX's min-cost flow. JSON in, JSON out."""
import json
import sys

import networkx as nx

network = json.load(sys.stdin)
graph = nx.MultiDiGraph()
graph.add_nodes_from(range(network["nodes"]), demand=0)
for tail, head, cost in network["arcs"]:
    graph.add_edge(tail, head, capacity=1, weight=cost)
sums = []
for source in range(network["nodes"]):
    for target in range(source + 1, network["nodes"]):
        graph.nodes[source]["demand"] = -2
        graph.nodes[target]["demand"] = 2
        try:
            sums.append(nx.network_simplex(graph)[0])
        except nx.NetworkXUnfeasible:
            sums.append(None)
        graph.nodes[source]["demand"] = graph.nodes[target]["demand"] = 0
json.dump(sums, sys.stdout)
