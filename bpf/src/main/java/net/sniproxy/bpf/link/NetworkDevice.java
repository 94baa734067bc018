package net.sniproxy.bpf.link;

import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.sys.Errno;

/**
 * A network interface as rtnetlink(7) tells of it, with an address or without: {@link java.net.NetworkInterface} knows only those
 * that have one, which a port of a bridge or of a bond has not. No privilege is needed.
 *
 * @param index its number in its network namespace
 * @param name its name there
 */
public record NetworkDevice(int index, String name) {
    /**
     * The interfaces of the calling thread's network namespace, by index.
     *
     * @throws BpfException if the kernel does not tell
     */
    public static List<NetworkDevice> all(Kernel kernel) {
        try (RouteSocket socket = RouteSocket.open(kernel)) {
            return socket.devices();
        }
    }

    /**
     * The interface of this index in the calling thread's network namespace; empty if there is none.
     *
     * @throws BpfException if the kernel does not tell
     */
    public static Optional<NetworkDevice> of(Kernel kernel, int index) {
        try (RouteSocket socket = RouteSocket.open(kernel)) {
            return Optional.of(socket.device(index));
        } catch (BpfException failure) {
            if (failure.errno().equals(Errno.ENODEV)) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    /**
     * The interface of this name in the calling thread's network namespace; empty if there is none.
     *
     * @throws BpfException if the kernel does not tell
     */
    public static Optional<NetworkDevice> named(Kernel kernel, String name) {
        return all(kernel).stream().filter(one -> one.name().equals(name)).findFirst();
    }
}
