/**
 * What tests against the real kernel share, in every module that depends on the test-jar of this one.
 *
 * <ul>
 *   <li>{@link net.sniproxy.bpf.testing.KernelTest} marks a test class that needs root and the kernel;
 *   <li>{@link net.sniproxy.bpf.testing.NetworkNamespace}, {@link net.sniproxy.bpf.testing.TestCgroup} and
 *       {@link net.sniproxy.bpf.testing.TestBpfFileSystem} are places to attach and pin that nobody else uses; each is
 *       closed by the test that made it;
 *   <li>{@link net.sniproxy.bpf.testing.DescriptorLeakCheck} and {@link net.sniproxy.bpf.testing.KernelLogCheck} run for
 *       every test class, marked or not, because junit-platform.properties turns on extension detection.
 * </ul>
 */
@NullMarked
package net.sniproxy.bpf.testing;

import org.jspecify.annotations.NullMarked;
