package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.KernelField;
import net.sniproxy.bpf.compiler.lang.KernelStruct;
import net.sniproxy.bpf.compiler.lang.SocketPointer;

/** The kernel's {@code struct sock}. */
@KernelStruct("sock")
interface Sock extends SocketPointer {
    /** {@code AF_INET} or {@code AF_INET6}. */
    @KernelField("__sk_common.skc_family")
    int family();

    /** The local port in host order. */
    @KernelField("__sk_common.skc_num")
    int localPort();
}
