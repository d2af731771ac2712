/*
 * The pair of calls that an engine's allocator ends in, from C: mallocx and sdallocx of one arena for
 * all threads, as an engine has, and a thread cache each. usage: pair LIBJEMALLOC BYTES THREADS;
 * prints nanoseconds a pair, the median of nine runs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS = 9, MOST_THREADS = 64 };

static void *(*mallocx)(size_t, int);
static void (*sdallocx)(void *, size_t, int);
static int (*mallctl)(const char *, void *, size_t *, void *, size_t);

static size_t bytes;
static long pairs;
static unsigned arena;
static pthread_barrier_t start;

static void *symbol(void *library, const char *name) {
  char prefixed[64];
  void *found = dlsym(library, name);
  if (found == NULL) {
    snprintf(prefixed, sizeof prefixed, "je_%s", name);
    found = dlsym(library, prefixed);
  }
  if (found == NULL) {
    fprintf(stderr, "pair: no symbol %s\n", name);
    exit(2);
  }
  return found;
}

static unsigned number(const char *name) {
  unsigned value;
  size_t size = sizeof value;
  if (mallctl(name, &value, &size, NULL, 0) != 0) {
    fprintf(stderr, "pair: %s is refused\n", name);
    exit(2);
  }
  return value;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static void work(int flags, long count) {
  for (long i = 0; i < count; i++) {
    void *block = mallocx(bytes, flags);
    /* Keeps the compiler from knowing that nobody looks. */
    __asm__ volatile("" : : "r"(block) : "memory");
    sdallocx(block, bytes, flags);
  }
}

static void *run(void *result) {
  int flags = (int)((arena + 1) << 20 | (number("tcache.create") + 2) << 8);
  work(flags, pairs / 10);
  for (int i = 0; i < RUNS; i++) {
    pthread_barrier_wait(&start);
    double began = now();
    work(flags, pairs);
    ((double *)result)[i] = (now() - began) / pairs;
  }
  return NULL;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: pair LIBJEMALLOC BYTES THREADS\n");
    return 2;
  }
  void *library = dlopen(argv[1], RTLD_NOW);
  if (library == NULL) {
    fprintf(stderr, "pair: %s\n", dlerror());
    return 2;
  }
  mallocx = symbol(library, "mallocx");
  sdallocx = symbol(library, "sdallocx");
  mallctl = symbol(library, "mallctl");
  bytes = strtoull(argv[2], NULL, 10);
  int threads = atoi(argv[3]);
  if (bytes == 0 || threads < 1 || threads > MOST_THREADS) {
    fprintf(stderr, "pair: BYTES %s, THREADS %s (expected: more than 0, 1 to %d)\n", argv[2],
            argv[3], MOST_THREADS);
    return 2;
  }
  pairs = bytes > 32768 ? 200000 : 20000000;

  pthread_t thread[MOST_THREADS];
  static double result[MOST_THREADS][RUNS];
  arena = number("arenas.create");
  pthread_barrier_init(&start, NULL, threads);
  for (int t = 0; t < threads; t++) {
    pthread_create(&thread[t], NULL, run, result[t]);
  }
  for (int t = 0; t < threads; t++) {
    pthread_join(thread[t], NULL);
  }
  double mean[RUNS];
  for (int i = 0; i < RUNS; i++) {
    mean[i] = 0;
    for (int t = 0; t < threads; t++) {
      mean[i] += result[t][i] / threads;
    }
  }
  qsort(mean, RUNS, sizeof mean[0], ascending);
  printf("mallocx + sdallocx from C, %zu bytes, %d threads: %.1f ns (%.1f to %.1f)\n", bytes,
         threads, mean[RUNS / 2], mean[0], mean[RUNS - 1]);
  return 0;
}
