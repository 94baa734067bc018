/**
 * Maps: memory that kernel programs and user space share.
 *
 * <p>{@link net.sniproxy.bpf.map.BpfMap} is the map itself, with keys and values as bytes in native memory: the calls to
 * use where every nanosecond counts, since they allocate nothing. The views give it types:
 *
 * <ul>
 *   <li>{@link net.sniproxy.bpf.map.TypedMap}: HASH, LRU_HASH, ARRAY, LPM_TRIE;
 *   <li>{@link net.sniproxy.bpf.map.PerCpuMap}: PERCPU_HASH, LRU_PERCPU_HASH, PERCPU_ARRAY, a list of values for a key;
 *   <li>{@link net.sniproxy.bpf.map.SocketMap}: SOCKMAP, SOCKHASH, whose values are sockets;
 *   <li>{@link net.sniproxy.bpf.map.SocketStorage}: SK_STORAGE, whose keys are sockets.
 * </ul>
 *
 * <p>A ring buffer is read with net.sniproxy.bpf.ring.RingBuffer. Views own nothing: close the map.
 */
@NullMarked
package net.sniproxy.bpf.map;

import org.jspecify.annotations.NullMarked;
