/**
 * Child processes of the end-to-end tests: the proxy itself, where it runs, and what the kernel says of it.
 *
 * <p>Whatever a test starts it stops, by process id, also when it fails: every process is {@link AutoCloseable}, and a
 * shutdown hook ends what an interrupted run left.
 */
@NullMarked
package net.sniproxy.e2e.harness;

import org.jspecify.annotations.NullMarked;
