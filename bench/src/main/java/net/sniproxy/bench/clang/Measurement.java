package net.sniproxy.bench.clang;

import java.util.OptionalDouble;

/**
 * What one version of a program costs.
 *
 * @param instructions eight-byte slots before the verifier rewrites them
 * @param verified instructions that the verifier walked, over all paths
 * @param nanos per run; empty for types that the kernel does not test-run
 */
record Measurement(int instructions, int verified, OptionalDouble nanos) {}
