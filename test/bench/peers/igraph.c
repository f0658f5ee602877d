/*
 * igraph in C on the questions of the bench: igraph <task> <network file> [step].
 *   dijkstra, johnson  all-pairs distances
 *   k-shortest         8 shortest paths of every step-th pair
 *   disjoint           how many link-disjoint paths lead from source to target, for every step-th pair
 *   failures           all-pairs distances again after the failure of every step-th link
 * Prints {"ms": {...}, "peakMb": ..., "check": [...]}; times are medians of five, of what takes long one.
 */
#include <igraph.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int rising(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static igraph_t graph;
static igraph_vector_t weights;
static igraph_vector_int_t links;
static long nodes, arcs;

static void read_network(const char *file) {
  FILE *in = fopen(file, "r");
  if (in == NULL || fscanf(in, "%ld %ld", &nodes, &arcs) != 2) exit(2);
  igraph_vector_int_t edges;
  igraph_vector_int_init(&edges, 2 * arcs);
  igraph_vector_init(&weights, arcs);
  igraph_vector_int_init(&links, arcs);
  for (long a = 0; a < arcs; a++) {
    long tail, head, link;
    double weight;
    if (fscanf(in, "%ld %ld %lf %ld", &tail, &head, &weight, &link) != 4) exit(2);
    VECTOR(edges)[2 * a] = tail;
    VECTOR(edges)[2 * a + 1] = head;
    VECTOR(weights)[a] = weight;
    VECTOR(links)[a] = link;
  }
  fclose(in);
  igraph_create(&graph, &edges, nodes, IGRAPH_DIRECTED);
}

static double sum_of(const igraph_matrix_t *distances) {
  double sum = 0;
  for (long i = 0; i < nodes; i++)
    for (long j = 0; j < nodes; j++)
      if (MATRIX(*distances, i, j) < IGRAPH_INFINITY) sum += MATRIX(*distances, i, j);
  return sum;
}

static void distances(int johnson) {
  igraph_matrix_t result;
  igraph_matrix_init(&result, 0, 0);
  double times[5], sum = 0;
  for (int round = 0; round < 5; round++) {
    const double start = now_ms();
    if (johnson)
      igraph_distances_johnson(&graph, &result, igraph_vss_all(), igraph_vss_all(), &weights);
    else
      igraph_distances_dijkstra(&graph, &result, igraph_vss_all(), igraph_vss_all(), &weights, IGRAPH_OUT);
    times[round] = now_ms() - start;
    sum = sum_of(&result);
  }
  qsort(times, 5, sizeof *times, rising);
  printf("{\"ms\": {\"distances\": %.6f}, \"check\": [%.0f]", times[2], sum);
}

static void k_shortest(long step) {
  double found[1000];
  long count = 0, pair = 0, asked = 0;
  igraph_vector_int_list_t paths;
  igraph_vector_int_list_init(&paths, 0);
  const double start = now_ms();
  for (long s = 0; s < nodes; s++) {
    for (long t = s + 1; t < nodes; t++, pair++) {
      if (pair % step != 0) continue;
      asked++;
      igraph_get_k_shortest_paths(&graph, &weights, NULL, &paths, 8, s, t, IGRAPH_OUT);
      if (pair % 1000 != 0) continue;
      double sum = 0;
      for (long p = 0; p < igraph_vector_int_list_size(&paths); p++) {
        const igraph_vector_int_t *path = igraph_vector_int_list_get_ptr(&paths, p);
        for (long i = 0; i < igraph_vector_int_size(path); i++) sum += VECTOR(weights)[VECTOR(*path)[i]];
      }
      found[count++] = sum;
    }
  }
  printf("{\"ms\": {\"pair\": %.6f}, \"check\": [", (now_ms() - start) / asked);
  for (long i = 0; i < count; i++) printf("%s%.0f", i == 0 ? "" : ", ", found[i]);
  printf("]");
}

static void disjoint(long step) {
  long pair = 0, asked = 0, two = 0;
  const double start = now_ms();
  for (long s = 0; s < nodes; s++) {
    for (long t = s + 1; t < nodes; t++, pair++) {
      igraph_integer_t paths;
      if (pair % step != 0) continue;
      asked++;
      igraph_edge_disjoint_paths(&graph, &paths, s, t);
      two += paths >= 2;
    }
  }
  printf("{\"ms\": {\"pair\": %.6f}, \"check\": null", (now_ms() - start) / asked);
  if (two < 0) exit(2);
}

static void failures(long step) {
  igraph_matrix_t result;
  igraph_matrix_init(&result, 0, 0);
  long last = 0;
  for (long a = 0; a < arcs; a++)
    if (VECTOR(links)[a] > last) last = VECTOR(links)[a];
  double *found = calloc(last / step + 1, sizeof *found);
  double ms = 0;
  for (long link = 0; link <= last; link += step) {
    const double start = now_ms();
    igraph_t left;
    igraph_vector_t kept;
    igraph_vector_int_t dead;
    igraph_copy(&left, &graph);
    igraph_vector_init(&kept, 0);
    igraph_vector_int_init(&dead, 0);
    for (long a = 0; a < arcs; a++) {
      if (VECTOR(links)[a] == link)
        igraph_vector_int_push_back(&dead, a);
      else
        igraph_vector_push_back(&kept, VECTOR(weights)[a]);
    }
    igraph_delete_edges(&left, igraph_ess_vector(&dead));
    igraph_distances_dijkstra(&left, &result, igraph_vss_all(), igraph_vss_all(), &kept, IGRAPH_OUT);
    ms += now_ms() - start;
    found[link / step] = sum_of(&result);
    igraph_vector_int_destroy(&dead);
    igraph_vector_destroy(&kept);
    igraph_destroy(&left);
  }
  printf("{\"ms\": {\"failure\": %.6f}, \"check\": [", ms / (last / step + 1));
  for (long i = 0; i <= last / step; i++) printf("%s%.0f", i == 0 ? "" : ", ", found[i]);
  printf("]");
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  read_network(argv[2]);
  const long step = argc > 3 ? atol(argv[3]) : 1;
  if (strcmp(argv[1], "dijkstra") == 0)
    distances(0);
  else if (strcmp(argv[1], "johnson") == 0)
    distances(1);
  else if (strcmp(argv[1], "k-shortest") == 0)
    k_shortest(step);
  else if (strcmp(argv[1], "disjoint") == 0)
    disjoint(step);
  else if (strcmp(argv[1], "failures") == 0)
    failures(step);
  else
    return 2;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf(", \"peakMb\": %.1f}\n", usage.ru_maxrss / 1e3);
  return 0;
}
