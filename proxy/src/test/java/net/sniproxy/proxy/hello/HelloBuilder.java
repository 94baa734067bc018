package net.sniproxy.proxy.hello;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Builds ClientHellos byte by byte, right ones and wrong ones. */
final class HelloBuilder {
    private final List<byte[]> extensions = new ArrayList<>();
    private int clientVersion = 0x0303;
    private int sessionIdLength = 32;
    private boolean withExtensions = true;

    private HelloBuilder() {}

    /** With no extension at all. */
    static HelloBuilder bare() {
        return new HelloBuilder();
    }

    /** As a browser sends it: GREASE, name, ALPN, versions, key share. */
    static HelloBuilder browser(String name) {
        return bare().extension(0x1a1a, new byte[0])
                .serverName(name)
                .extension(0xff01, new byte[] {0})
                .alpn("h2", "http/1.1")
                .versions(0x2a2a, 0x0304, 0x0303)
                .extension(51, random(38))
                .extension(0xfafa, new byte[] {0});
    }

    /** With a hybrid key share of X25519MLKEM768. */
    static HelloBuilder postQuantum(String name) {
        return browser(name).extension(0x4469, random(5)).extension(0xfe0d, random(186 + 1024));
    }

    HelloBuilder clientVersion(int version) {
        clientVersion = version;
        return this;
    }

    HelloBuilder sessionId(int length) {
        sessionIdLength = length;
        return this;
    }

    HelloBuilder withoutExtensionsBlock() {
        withExtensions = false;
        return this;
    }

    HelloBuilder extension(int type, byte[] body) {
        extensions.add(concat(u16(type), u16(body.length), body));
        return this;
    }

    HelloBuilder serverName(String name) {
        return serverName(name.getBytes(StandardCharsets.ISO_8859_1));
    }

    HelloBuilder serverName(byte[] name) {
        return serverNames(entry(0, name));
    }

    HelloBuilder serverNames(byte[]... entries) {
        byte[] list = concat(entries);
        return extension(0, concat(u16(list.length), list));
    }

    HelloBuilder alpn(String... protocols) {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        for (String protocol : protocols) {
            list.write(protocol.length());
            list.writeBytes(protocol.getBytes(StandardCharsets.ISO_8859_1));
        }
        return extension(16, concat(u16(list.size()), list.toByteArray()));
    }

    HelloBuilder versions(int... versions) {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        for (int version : versions) {
            list.writeBytes(u16(version));
        }
        return extension(43, concat(new byte[] {(byte) list.size()}, list.toByteArray()));
    }

    /** Grows the hello to a size on the wire in one record, with a padding extension. */
    HelloBuilder padTo(int wireBytes) {
        int missing = wireBytes - inOneRecord().length - 4;
        return extension(21, new byte[missing]);
    }

    /** The handshake message, header included. */
    byte[] message() {
        byte[] block = concat(extensions.toArray(byte[][]::new));
        byte[] body = concat(
                u16(clientVersion),
                random(32),
                new byte[] {(byte) sessionIdLength},
                random(sessionIdLength),
                u16(6),
                new byte[] {0x3a, 0x3a, 0x13, 0x01, 0x13, 0x02},
                new byte[] {1, 0},
                withExtensions ? concat(u16(block.length), block) : new byte[0]);
        return concat(new byte[] {1}, u24(body.length), body);
    }

    /** On the wire, in one record; for messages of at most 2^14 bytes. */
    byte[] inOneRecord() {
        return inRecords(message(), 1 << 14);
    }

    /** On the wire, in records of at most so many bytes. */
    byte[] inRecords(int size) {
        return inRecords(message(), size);
    }

    static byte[] inRecords(byte[] message, int size) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (int from = 0; from < message.length; from += size) {
            int length = Math.min(size, message.length - from);
            wire.writeBytes(new byte[] {22, 3, 1});
            wire.writeBytes(u16(length));
            wire.write(message, from, length);
        }
        return wire.toByteArray();
    }

    static byte[] entry(int type, byte[] name) {
        return concat(new byte[] {(byte) type}, u16(name.length), name);
    }

    static byte[] u16(int value) {
        return new byte[] {(byte) (value >> 8), (byte) value};
    }

    static byte[] u24(int value) {
        return new byte[] {(byte) (value >> 16), (byte) (value >> 8), (byte) value};
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
