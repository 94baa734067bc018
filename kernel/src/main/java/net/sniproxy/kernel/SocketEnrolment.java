package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.BpfSkStorage;
import net.sniproxy.bpf.compiler.lang.BpfSock;
import net.sniproxy.bpf.compiler.lang.ByteOrders;
import net.sniproxy.bpf.compiler.lang.SockOpsContext;
import net.sniproxy.bpf.compiler.lang.UpdateFlags;
import net.sniproxy.bpf.spec.ProgramType;

/**
 * Enrols the local sockets whose peer is this proxy: clients that connected to a listen address, and what upstreams accepted
 * from it. Other sockets of the cgroup are never touched.
 *
 * <p>On one host the proxy's connecting socket is established before the upstream's accepting one (it is the proxy's ACK that
 * establishes the latter). So the proxy's socket leaves its {@link Handshake} in a map, where the upstream's finds it and
 * knows whom it has accepted. Sockets of MPTCP or with kTLS cannot be enrolled: the kernel refuses them (upper-layer protocol).
 *
 * <p>Runs as SOCK_OPS of a cgroup of version 2, when TCP establishes a connection of a process in it, and when it has measured a
 * round trip of an enrolled socket. It returns 1; nothing depends on that. Maps: {@link KernelMaps#PROXY_ENDS} and
 * {@link KernelMaps#UPSTREAM_HANDSHAKES} say who is concerned; it fills {@link KernelMaps#ENROLLED}, {@link KernelMaps#SOCK_MAP}
 * and {@link KernelMaps#SOCKET_PAIRS}.
 */
public final class SocketEnrolment {
    /** The kernel makes its least of it: one message at a time. */
    private static final int SMALL_BUFFER = 1;

    private SocketEnrolment() {}

    /** The program. */
    @BpfProgram(type = ProgramType.SOCK_OPS, name = "enrol_socket")
    static int enrol(SockOpsContext event) {
        int op = event.op();
        if (op == SockOpsContext.ACTIVE_ESTABLISHED) {
            connected(event);
        } else if (op == SockOpsContext.PASSIVE_ESTABLISHED) {
            accepted(event);
        } else if (op == SockOpsContext.ROUND_TRIP) {
            makeBufferSmall(event);
        }
        return 1;
    }

    private static void connected(SockOpsContext event) {
        BpfSock socket = event.sk();
        if (socket == null) {
            return;
        }
        Endpoint local = local(event);
        Endpoint remote = remote(event);
        EnrolledSocket known = KernelMaps.ENROLLED.get(socket, null, 0);
        if (known != null) {
            Handshake own = handshake(event);
            KernelMaps.UPSTREAM_HANDSHAKES.update(SocketPair.of(remote, local), own, UpdateFlags.ANY);
            return;
        }
        if (KernelMaps.PROXY_ENDS.lookup(remote) != null) {
            enrol(event, socket, SocketPair.of(local, remote), EnrolledSocket.CLIENT);
        }
    }

    private static void accepted(SockOpsContext event) {
        SocketPair ends = SocketPair.of(local(event), remote(event));
        Handshake proxy = KernelMaps.UPSTREAM_HANDSHAKES.lookup(ends);
        if (proxy == null || !proxy.isPeerOf(event.sendNext(), event.receiveNext())) {
            return;
        }
        BpfSock socket = event.sk();
        if (socket != null) {
            enrol(event, socket, ends, EnrolledSocket.UPSTREAM);
        }
    }

    /** Storage first, map last: {@code redirect_msg} runs for the socket as soon as it is in the map. */
    private static void enrol(SockOpsContext event, BpfSock socket, SocketPair ends, int role) {
        EnrolledSocket enrolled = new EnrolledSocket(event.socketCookie(), event.sendNext(), role);
        if (KernelMaps.ENROLLED.get(socket, enrolled, BpfSkStorage.CREATE) == null) {
            return;
        }
        Handshake handshake = handshake(event);
        if (event.enrol(KernelMaps.SOCK_MAP, enrolled.cookie, UpdateFlags.NO_EXIST) == 0) {
            TraceLine.enrolled(enrolled.cookie, role);
            KernelMaps.SOCKET_PAIRS.update(ends, handshake, UpdateFlags.ANY);
            event.callbackFlags(event.callbackFlags() | SockOpsContext.ROUND_TRIP_FLAG);
        }
    }

    /** Where {@code redirect_msg}, which may not set options itself, has asked for it. */
    private static void makeBufferSmall(SockOpsContext event) {
        BpfSock socket = event.sk();
        if (socket == null) {
            return;
        }
        EnrolledSocket own = KernelMaps.ENROLLED.get(socket, null, 0);
        if (own != null && own.takeSmallBuffer()) {
            event.setOption(SockOpsContext.LEVEL_SOCKET, SockOpsContext.SEND_BUFFER, SMALL_BUFFER, Integer.BYTES);
        }
    }

    private static Handshake handshake(SockOpsContext event) {
        return new Handshake(event.socketCookie(), event.sendNext(), event.receiveNext());
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
