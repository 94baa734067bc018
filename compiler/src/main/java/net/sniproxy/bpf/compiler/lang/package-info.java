/**
 * The language of kernel programs: annotations, contexts, packet pointers, maps and helpers.
 *
 * <p>A kernel program is a static method with {@link net.sniproxy.bpf.compiler.lang.BpfProgram}. The same class file is
 * compiled to eBPF and runs on the JVM: every class here has a body that stands in for the kernel, and it is as strict
 * as the verifier where a program could break a rule unnoticed
 * ({@link net.sniproxy.bpf.compiler.lang.KernelRuleViolation}).
 *
 * {@snippet :
 * public final class AllowList {
 *     @BpfMap(name = "IP_WHITELIST", maxEntries = 10_000)
 *     static final BpfHash<Integer, U8> ALLOWED = BpfHash.of(10_000);
 *
 *     @BpfProgram(type = ProgramType.XDP, name = "xdp_ip_filter")
 *     static int filter(XdpContext context) {
 *         Packet frame = context.data();
 *         if (!context.dataEnd().covers(frame, 34) || frame.u16be(12) != 0x0800) {
 *             return XdpAction.PASS;
 *         }
 *         return ALLOWED.lookup(frame.u32(26)) == null ? XdpAction.DROP : XdpAction.PASS;
 *     }
 * }
 * }
 *
 * <p>Methods of this package fall into three kinds: those with {@link net.sniproxy.bpf.compiler.lang.Ctx},
 * {@link net.sniproxy.bpf.compiler.lang.Helper} or {@link net.sniproxy.bpf.compiler.lang.Intrinsic}, whose body is a
 * stand-in for the JVM run only; those that make stand-ins or serve tests, which a kernel program cannot call; and
 * methods of {@link net.sniproxy.bpf.compiler.lang.KernelStruct} interfaces. The annotation may sit on the method of a
 * superclass, such as {@link net.sniproxy.bpf.compiler.lang.KeyedMap#lookup}.
 */
@NullMarked
package net.sniproxy.bpf.compiler.lang;

import org.jspecify.annotations.NullMarked;
