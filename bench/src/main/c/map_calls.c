// The yardstick for the map calls of module bpf: the same calls of bpf(2) in a loop, and nothing else.
// usage: map_calls TYPE VALUE_BYTES ENTRIES KEYS ROUNDS CALLS
// Prints one line for each round: nanoseconds for a lookup, nanoseconds for an update.
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long bpf(int command, union bpf_attr *attr, unsigned size) { return syscall(SYS_bpf, command, attr, size); }

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

// Each call fills in its arguments, as any caller would.
static long element(int command, int map, uint32_t *key, void *value) {
  union bpf_attr attr;
  memset(&attr, 0, 32);
  attr.map_fd = map;
  attr.key = (uintptr_t)key;
  attr.value = (uintptr_t)value;
  return bpf(command, &attr, 32);
}

static double measure(int command, int map, unsigned keys, unsigned calls, void *value) {
  double start = now();
  for (unsigned i = 0; i < calls; i++) {
    uint32_t key = i & (keys - 1);
    if (element(command, map, &key, value) < 0) {
      perror("bpf");
      exit(1);
    }
  }
  return (now() - start) / calls;
}

int main(int argc, char **argv) {
  if (argc != 7) {
    fprintf(stderr, "usage: map_calls TYPE VALUE_BYTES ENTRIES KEYS ROUNDS CALLS\n");
    return 2;
  }
  unsigned entries = atoi(argv[3]), keys = atoi(argv[4]), rounds = atoi(argv[5]), calls = atoi(argv[6]);
  static char value[65536] __attribute__((aligned(8)));
  union bpf_attr attr = {.map_type = atoi(argv[1]), .key_size = 4, .value_size = 8, .max_entries = entries};
  if (atoi(argv[2]) > (int)sizeof value) return 2;
  int map = bpf(BPF_MAP_CREATE, &attr, sizeof attr);
  if (map < 0) {
    perror("BPF_MAP_CREATE");
    return 1;
  }
  measure(BPF_MAP_UPDATE_ELEM, map, keys, keys, value);
  for (unsigned i = 0; i < rounds; i++) {
    double lookup = measure(BPF_MAP_LOOKUP_ELEM, map, keys, calls, value);
    double update = measure(BPF_MAP_UPDATE_ELEM, map, keys, calls, value);
    printf("%.1f %.1f\n", lookup, update);
  }
  return 0;
}
