// Maps and structs that the C versions share; the same as those of the Java programs.
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define MAP(NAME, TYPE, ENTRIES, KEY, VALUE) \
    struct { __uint(type, TYPE); __uint(max_entries, ENTRIES); __type(key, KEY); __type(value, VALUE); } NAME SEC(".maps")
#define STORAGE(NAME, VALUE) \
    struct { __uint(type, BPF_MAP_TYPE_SK_STORAGE); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, int); \
             __type(value, VALUE); } NAME SEC(".maps")
#define TRIE(NAME, ENTRIES, KEY, VALUE) \
    struct { __uint(type, BPF_MAP_TYPE_LPM_TRIE); __uint(max_entries, ENTRIES); __uint(map_flags, BPF_F_NO_PREALLOC); \
             __type(key, KEY); __type(value, VALUE); } NAME SEC(".maps")

char _license[] SEC("license") = "GPL";
