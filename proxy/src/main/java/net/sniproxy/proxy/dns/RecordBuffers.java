package net.sniproxy.proxy.dns;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.layout.StructField;
import net.sniproxy.bpf.layout.StructLayout;
import net.sniproxy.kernel.DnsRecord;
import net.sniproxy.kernel.SipHash;

/** One thread's memory for a name, a key and a {@link DnsRecord}, so that a lookup makes no objects. */
final class RecordBuffers {
    private static final ThreadLocal<RecordBuffers> OF_THREAD = ThreadLocal.withInitial(RecordBuffers::new);
    private static final StructLayout RECORD = StructLayout.of(DnsRecord.class);
    private static final StructField TIMESTAMP = RECORD.field("timestamp");
    private static final StructField TTL = RECORD.field("ttl");

    private final Buffer message = Buffer.ofSize(SipHash.BUFFER);
    private final MemorySegment key = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);
    private final MemorySegment value = Arena.ofAuto().allocate(RECORD.size(), RECORD.alignment());

    private RecordBuffers() {}

    static RecordBuffers ofThread() {
        return OF_THREAD.get();
    }

    /** {@link SipHash#BUFFER} bytes, with whatever the last name left in them. */
    Buffer message() {
        return message;
    }

    /** The memory of a key, set to it. */
    MemorySegment key(long wanted) {
        key.set(ValueLayout.JAVA_LONG, 0, wanted);
        return key;
    }

    /** The memory of a record. */
    MemorySegment value() {
        return value;
    }

    /** The record's timestamp. */
    long timestamp() {
        return TIMESTAMP.getLong(value, 0);
    }

    /** The record's life in seconds. */
    long ttl() {
        return Integer.toUnsignedLong(TTL.getInt(value, 0));
    }
}
