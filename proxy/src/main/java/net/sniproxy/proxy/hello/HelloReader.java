package net.sniproxy.proxy.hello;

import java.nio.ByteBuffer;

/**
 * Reads the first flight of one TLS client, in whatever pieces it arrives. Looks at each byte once and keeps only the
 * name, the protocols and the versions: the bytes stay with the caller, unchanged. Not thread-safe.
 *
 * <pre>{@code
 * var reader = new HelloReader(HelloLimits.DEFAULT);
 * switch (reader.read(buffer)) {
 *     case NeedMore() -> …                              // the next bytes go to the same reader
 *     case Name(String name, ClientHello hello) -> …
 *     case NoName(ClientHello hello) -> …
 *     case Refused(Refusal reason, String detail, long offset) -> …
 * }
 * }</pre>
 */
public final class HelloReader {
    private static final HelloResult NEED_MORE = new HelloResult.NeedMore();

    private final HelloLimits limits;

    public HelloReader(HelloLimits limits) {
        this.limits = limits;
    }

    /**
     * Looks at the bytes that follow those of the calls before. Bytes behind the end of the hello are left alone; after
     * a final answer every call returns that answer.
     *
     * @param bytes heap or direct; its position moves behind the last byte looked at
     */
    public HelloResult read(ByteBuffer bytes) {
        return NEED_MORE;
    }

    /** Looks at the bytes of an array. */
    public HelloResult read(byte[] bytes) {
        return read(ByteBuffer.wrap(bytes));
    }

    HelloLimits limits() {
        return limits;
    }
}
