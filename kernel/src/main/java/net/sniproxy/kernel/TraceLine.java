package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Kernel;

/** Lines for {@code trace_pipe}, where {@link Variant#TRACING} is on: each says {@code sni-proxy} and which program it is. */
final class TraceLine {
    private TraceLine() {}

    /** @param counter the index of {@link TrafficCounter} that names the reason */
    static void dropped(int counter, int port) {
        if (Variant.TRACING) {
            Kernel.trace("sni-proxy: xdp_ip_filter dropped a frame to port %lu, reason %lu", port, counter);
        }
    }

    /** @param state of {@link Splice} */
    static void splice(long id, int state) {
        if (Variant.TRACING) {
            Kernel.trace("sni-proxy: tc_splice connection %lu is in state %lu", id, state);
        }
    }

    /** @param state of {@link RedirectFlow} */
    static void redirect(long sender, int state) {
        if (Variant.TRACING) {
            Kernel.trace("sni-proxy: redirect_msg from socket %lu is in state %lu", sender, state);
        }
    }

    /** @param role of {@link EnrolledSocket} */
    static void enrolled(long cookie, int role) {
        if (Variant.TRACING) {
            Kernel.trace("sni-proxy: enrol_socket took socket %lu in role %lu", cookie, role);
        }
    }
}
