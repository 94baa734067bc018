package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.BpfSkStorage;
import net.sniproxy.bpf.compiler.lang.BpfSock;
import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.compiler.lang.SockOpsContext;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.UpdateFlags;
import net.sniproxy.bpf.spec.ProgramType;

/**
 * Enrols the local sockets whose peer is this proxy: clients that connected to a listen address, and what upstreams
 * accepted from it. Other sockets of the cgroup are never touched.
 */
public final class SocketEnrolment {
    private SocketEnrolment() {}

    /** The program. */
    @BpfProgram(type = ProgramType.SOCK_OPS, name = "enrol_socket")
    static int enrol(SockOpsContext event) {
        int op = event.op();
        if (op != SockOpsContext.ACTIVE_ESTABLISHED && op != SockOpsContext.PASSIVE_ESTABLISHED) {
            return 1;
        }
        Endpoint remote = remote(event);
        if (KernelMaps.PROXY_ENDS.lookup(remote) == null) {
            return 1;
        }
        BpfSock socket = event.sk();
        if (socket != null) {
            enrol(event, socket, SocketPair.of(local(event), remote));
        }
        return 1;
    }

    /** Cookie first, map last: {@code redirect_msg} runs for the socket as soon as it is in the map. */
    private static void enrol(SockOpsContext event, BpfSock socket, SocketPair ends) {
        U64 cookie = new U64(event.socketCookie());
        if (KernelMaps.SOCKET_COOKIE.get(socket, cookie, BpfSkStorage.CREATE) == null) {
            return;
        }
        if (event.enrol(KernelMaps.SOCK_MAP, cookie.value, UpdateFlags.NO_EXIST) == 0) {
            KernelMaps.SOCKET_PAIRS.update(ends, cookie, UpdateFlags.ANY);
        }
    }

    private static Endpoint remote(SockOpsContext event) {
        int port = ByteOrders.network32(event.remotePort());
        if (event.family() == BpfSock.AF_INET) {
            return Endpoint.ipv4(event.remoteIp4(), port);
        }
        return new Endpoint(event.remoteIp6(0), event.remoteIp6(1), event.remoteIp6(2), event.remoteIp6(3), port);
    }

    private static Endpoint local(SockOpsContext event) {
        if (event.family() == BpfSock.AF_INET) {
            return Endpoint.ipv4(event.localIp4(), event.localPort());
        }
        return new Endpoint(
                event.localIp6(0), event.localIp6(1), event.localIp6(2), event.localIp6(3), event.localPort());
    }
}
