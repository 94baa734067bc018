package net.sniproxy.proxy.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Addresses from their bytes. */
final class Addresses {
    private Addresses() {}

    /** An address of 4 or 16 bytes, network byte order. */
    static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException wrongLength) {
            throw new IllegalArgumentException(wrongLength);
        }
    }
}
