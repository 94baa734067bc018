package net.sniproxy.proxy.filter.xdp;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.sniproxy.bpf.compiler.lang.U8;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.map.TypedMap;
import net.sniproxy.kernel.Endpoint;
import net.sniproxy.kernel.ListenPort;

/** Tells the kernel which addresses and ports the proxy listens on. For one thread at a time. */
final class ListenTable {
    private static final byte LISTED = 1;

    private final TypedMap<Integer, U8> ports;
    private final TypedMap<Endpoint, U8> ends;
    private Set<Integer> portsBefore = Set.of();
    private Set<Endpoint> endsBefore = Set.of();

    ListenTable(LoadedObject object) {
        ports = TypedMap.of(object.map("LISTEN_PORTS"), Codec.u32(), Codec.of(U8.class));
        ends = TypedMap.of(object.map("LISTEN_ENDS"), Codec.of(Endpoint.class), Codec.of(U8.class));
    }

    /** Replaces what was said before; what is in both stays judged all the time. */
    void change(List<InetSocketAddress> addresses) {
        Map<Integer, Integer> bits = new HashMap<>();
        Set<Endpoint> single = new HashSet<>();
        for (InetSocketAddress address : addresses) {
            bits.merge(address.getPort(), bits(address), (a, b) -> a | b);
            if (!address.getAddress().isAnyLocalAddress()) {
                single.add(AddressWords.endpoint(address));
            }
        }
        single.forEach(end -> ends.update(end, new U8(LISTED)));
        bits.forEach((port, value) -> ports.update(port, new U8((byte) (int) value)));
        minus(portsBefore, bits.keySet()).forEach(port -> ports.update(port, new U8()));
        minus(endsBefore, single).forEach(ends::delete);
        portsBefore = Set.copyOf(bits.keySet());
        endsBefore = Set.copyOf(single);
    }

    private static int bits(InetSocketAddress address) {
        if (!address.getAddress().isAnyLocalAddress()) {
            return ListenPort.SINGLE;
        }
        // A socket on the IPv6 wildcard takes IPv4 connections too.
        return address.getAddress() instanceof Inet6Address
                ? ListenPort.ANY_IPV4 | ListenPort.ANY_IPV6
                : ListenPort.ANY_IPV4;
    }

    private static <T> Set<T> minus(Collection<T> all, Collection<T> gone) {
        Set<T> rest = new HashSet<>(all);
        rest.removeAll(gone);
        return rest;
    }
}
