package net.sniproxy.bench.hello;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** ClientHellos of a given size on the wire, in one record, with the extensions of a browser. */
public final class ClientHellos {
    private static final int BEFORE_EXTENSIONS = 5 + 4 + 2 + 32 + 1 + 32 + 2 + 32 + 2 + 2;
    private static final byte[] NAME = "www.example.com".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ALPN = {0, 12, 2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    private static final byte[] VERSIONS = {6, 0x2a, 0x2a, 3, 4, 3, 3};

    private ClientHellos() {}

    /** A hello of {@code size} bytes, for the name {@code www.example.com}. */
    public static byte[] ofSize(int size) {
        ByteBuffer hello = ByteBuffer.allocate(size);
        hello.put(new byte[] {22, 3, 1}).putShort((short) (size - 5));
        hello.putInt(1 << 24 | size - 9).putShort((short) 0x0303).position(hello.position() + 32);
        hello.put((byte) 32).position(hello.position() + 32);
        hello.putShort((short) 32).position(hello.position() + 32);
        hello.putShort((short) 0x0100).putShort((short) (size - BEFORE_EXTENSIONS));
        extension(hello, 0x1a1a, 0);
        extension(hello, 0, 5 + NAME.length)
                .putShort((short) (3 + NAME.length))
                .put((byte) 0)
                .putShort((short) NAME.length)
                .put(NAME);
        for (int type : new int[] {23, 0xff01, 10, 11, 35}) {
            skip(extension(hello, type, 8), 8);
        }
        extension(hello, 16, ALPN.length).put(ALPN);
        for (int type : new int[] {5, 13, 18, 45, 27, 17513}) {
            skip(extension(hello, type, 8), 8);
        }
        extension(hello, 43, VERSIONS.length).put(VERSIONS);
        extension(hello, 51, size - hello.position() - 4);
        return hello.array();
    }

    private static ByteBuffer extension(ByteBuffer hello, int type, int length) {
        return hello.putShort((short) type).putShort((short) length);
    }

    private static void skip(ByteBuffer hello, int bytes) {
        hello.position(hello.position() + bytes);
    }
}
