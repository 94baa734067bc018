package net.sniproxy.proxy.hello;

import java.util.List;

/**
 * What a complete ClientHello says besides its name.
 *
 * @param alpn the application protocols offered, in the client's order; GREASE left out, bytes outside printable ASCII
 *     escaped as {@code \xNN}
 * @param versions the protocol versions offered, in the client's order, as on the wire ({@code 0x0304} is TLS 1.3);
 *     GREASE left out; the legacy version alone where {@code supported_versions} is absent
 * @param bytes its length on the wire, record headers included: what came after that was not looked at
 * @param records the number of TLS records it came in
 */
public record ClientHello(List<String> alpn, List<Integer> versions, long bytes, int records) {
    public ClientHello {
        alpn = List.copyOf(alpn);
        versions = List.copyOf(versions);
    }
}
