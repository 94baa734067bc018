package net.sniproxy.proxy.hello;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

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
    /** Change cipher spec to application data: what begins with these is TLS, if not always a ClientHello. */
    private static final int FIRST_RECORD_TYPE = 20;

    private static final int LAST_RECORD_TYPE = 23;

    private final RecordReader records;
    private @Nullable OtherProtocol other;
    private long consumed;
    private HelloResult result = NEED_MORE;

    public HelloReader(HelloLimits limits) {
        records = new RecordReader(limits);
    }

    /**
     * Looks at the bytes that follow those of the calls before. Bytes behind the end of the hello are left alone; after
     * a final answer every call returns that answer.
     *
     * @param bytes heap or direct; its position moves behind the last byte looked at
     */
    public HelloResult read(ByteBuffer bytes) {
        if (!(result instanceof HelloResult.NeedMore) || !bytes.hasRemaining()) {
            return result;
        }
        int start = bytes.position();
        if (other != null || consumed == 0 && !beginsRecord(bytes.get(start))) {
            return readOther(bytes);
        }
        try {
            records.read(bytes);
            consumed += bytes.position() - start;
            if (records.done()) {
                result = complete();
            }
        } catch (RefusedException e) {
            consumed += bytes.position() - start;
            result = new HelloResult.Refused(e.reason(), e.detail(), consumed - 1);
        }
        return result;
    }

    /** Looks at the bytes of an array. */
    public HelloResult read(byte[] bytes) {
        return read(ByteBuffer.wrap(bytes));
    }

    private static boolean beginsRecord(byte first) {
        return first >= FIRST_RECORD_TYPE && first <= LAST_RECORD_TYPE;
    }

    private HelloResult readOther(ByteBuffer bytes) {
        OtherProtocol protocol = other == null ? new OtherProtocol() : other;
        other = protocol;
        try {
            while (bytes.hasRemaining()) {
                protocol.add(bytes.get());
            }
        } catch (RefusedException e) {
            result = new HelloResult.Refused(e.reason(), e.detail(), 0);
        }
        return result;
    }

    private HelloResult complete() {
        ClientHelloReader message = records.hello();
        ClientHello hello = new ClientHello(message.protocols(), message.versions(), consumed, records.records());
        return message.name()
                .<HelloResult>map(name -> new HelloResult.Name(name, hello))
                .orElseGet(() -> new HelloResult.NoName(hello));
    }
}
