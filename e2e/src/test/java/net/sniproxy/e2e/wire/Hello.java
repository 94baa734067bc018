package net.sniproxy.e2e.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Builds the first flight of a TLS client (RFC 8446, section 4.1.2), right by default and wrong on request. Nothing here
 * checks anything: tests say what they send.
 */
public final class Hello {
    private static final int SERVER_NAME = 0;
    private static final int SUPPORTED_GROUPS = 10;
    private static final int SIGNATURE_ALGORITHMS = 13;
    private static final int ALPN = 16;
    private static final int PADDING = 21;
    private static final int SUPPORTED_VERSIONS = 43;
    private static final int KEY_SHARE = 51;
    private static final int ENCRYPTED_CLIENT_HELLO = 0xfe0d;
    private static final int X25519_MLKEM768 = 0x11ec;
    private static final int MLKEM768_SHARE = 1184 + 32;

    /** A length field of the encoding, so that a test can falsify it. */
    public record LengthField(String name, int offset, int width) {}

    /** One name of a server_name list, with its type. */
    private record Name(int type, byte[] value) {}

    private record Extension(int type, byte[] body) {}

    private final List<Name> names = new ArrayList<>();
    private final List<Extension> extensions = new ArrayList<>();
    private byte[] keyShare = {0, 0}; // none: the server asks for one
    private int recordSize = 1 << 14;

    private Hello() {}

    /** A TLS 1.3 hello with one name. */
    public static Hello of(String name) {
        return anonymous().name(name);
    }

    /** A TLS 1.3 hello without a name. */
    public static Hello anonymous() {
        return new Hello()
                .extension(0x2a2a, new byte[0]) // GREASE (RFC 8701): a type that no server knows
                .extension(SUPPORTED_VERSIONS, new byte[] {4, 3, 4, 3, 3})
                .extension(SUPPORTED_GROUPS, new byte[] {0, 2, 0, 29})
                .extension(SIGNATURE_ALGORITHMS, new byte[] {0, 4, 4, 3, 8, 4});
    }

    /** Adds a host name to the server_name extension. */
    public Hello name(String name) {
        return name(0, name.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Adds a name of any type and any bytes to the server_name extension. */
    public Hello name(int type, byte[] value) {
        names.add(new Name(type, value));
        return this;
    }

    /** Offers application protocols. */
    public Hello alpn(String... protocols) {
        Encoding list = new Encoding();
        list.length("ALPN list", 2, () -> {
            for (String protocol : protocols) {
                list.length("ALPN name", 1, () -> list.bytes(protocol.getBytes(StandardCharsets.US_ASCII)));
            }
        });
        return extension(ALPN, list.toBytes());
    }

    /** Adds a post-quantum key share (X25519MLKEM768), which no longer fits one segment of 1460 bytes. */
    public Hello postQuantum() {
        Encoding shares = new Encoding();
        shares.length("client shares", 2, () -> {
            shares.number(X25519_MLKEM768, 2);
            shares.length("key exchange", 2, () -> shares.bytes(random(MLKEM768_SHARE)));
        });
        keyShare = shares.toBytes();
        return this;
    }

    /** Adds an encrypted_client_hello extension as a client with a configuration sends it. */
    public Hello encryptedInner() {
        return extension(ENCRYPTED_CLIENT_HELLO, random(281));
    }

    /** Adds padding (RFC 7685) of {@code size} bytes. */
    public Hello padding(int size) {
        return extension(PADDING, new byte[size]);
    }

    /** Adds a server_name extension besides the regular one. */
    public Hello secondServerName(String name) {
        return extension(
                SERVER_NAME,
                serverName(List.of(new Name(0, name.getBytes(StandardCharsets.ISO_8859_1))))
                        .toBytes());
    }

    /** Adds any extension. */
    public Hello extension(int type, byte[] body) {
        extensions.add(new Extension(type, body));
        return this;
    }

    /** Cuts the handshake message into TLS records of at most {@code size} bytes. */
    public Hello recordsOf(int size) {
        this.recordSize = size;
        return this;
    }

    /** The encoded records. */
    public byte[] bytes() {
        return inRecords(message().toBytes());
    }

    /** The length fields of a hello in one record, offsets counted in {@link #bytes()}. */
    public List<LengthField> lengthFields() {
        Encoding record = new Encoding();
        record.number(22, 1);
        record.number(0x0301, 2);
        Encoding message = message();
        record.length("record", 2, () -> record.append(message));
        return record.fields;
    }

    private byte[] inRecords(byte[] message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < message.length; at += recordSize) {
            int size = Math.min(recordSize, message.length - at);
            out.writeBytes(new byte[] {22, 3, 1, (byte) (size >> 8), (byte) size});
            out.write(message, at, size);
        }
        return out.toByteArray();
    }

    private Encoding message() {
        Encoding out = new Encoding();
        out.number(1, 1);
        out.length("handshake", 3, () -> {
            out.number(0x0303, 2);
            out.bytes(random(32));
            out.length("session id", 1, () -> out.bytes(random(32)));
            out.length("cipher suites", 2, () -> out.bytes(new byte[] {0x13, 1, 0x13, 2, (byte) 0xc0, 0x2f}));
            out.length("compression methods", 1, () -> out.number(0, 1));
            out.length("extensions", 2, () -> extensionsInto(out));
        });
        return out;
    }

    private void extensionsInto(Encoding out) {
        for (Extension extension : extensions) {
            out.number(extension.type(), 2);
            out.length("extension " + extension.type(), 2, () -> out.bytes(extension.body()));
        }
        out.number(KEY_SHARE, 2);
        out.length("extension key_share", 2, () -> out.bytes(keyShare));
        // The name comes last, behind all that a reader must skip without a fault.
        if (!names.isEmpty()) {
            out.number(SERVER_NAME, 2);
            out.length("extension server_name", 2, () -> out.append(serverName(names)));
        }
    }

    private static Encoding serverName(List<Name> names) {
        Encoding out = new Encoding();
        out.length("server name list", 2, () -> {
            for (Name name : names) {
                out.number(name.type(), 1);
                out.length("host name", 2, () -> out.bytes(name.value()));
            }
        });
        return out;
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new SplittableRandom(size).nextBytes(bytes);
        return bytes;
    }

    /** Big-endian output that fills in lengths afterwards and remembers where they stand. */
    private static final class Encoding {
        private byte[] buffer = new byte[256];
        private int size;
        private final List<LengthField> fields = new ArrayList<>();

        void number(int value, int width) {
            for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
                bytes(new byte[] {(byte) (value >> shift)});
            }
        }

        void bytes(byte[] bytes) {
            if (size + bytes.length > buffer.length) {
                buffer = Arrays.copyOf(buffer, 2 * (size + bytes.length));
            }
            System.arraycopy(bytes, 0, buffer, size, bytes.length);
            size += bytes.length;
        }

        void append(Encoding inner) {
            inner.fields.forEach(f -> fields.add(new LengthField(f.name(), size + f.offset(), f.width())));
            bytes(inner.toBytes());
        }

        void length(String name, int width, Runnable content) {
            int at = size;
            fields.add(new LengthField(name, at, width));
            number(0, width);
            content.run();
            int length = size - at - width;
            for (int i = 0; i < width; i++) {
                buffer[at + i] = (byte) (length >> 8 * (width - 1 - i));
            }
        }

        byte[] toBytes() {
            return Arrays.copyOf(buffer, size);
        }
    }
}
