package net.sniproxy.bpf.compiler.lang;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import net.sniproxy.bpf.compiler.lang.Intrinsic.Operation;
import net.sniproxy.bpf.compiler.lang.Intrinsic.Order;

/**
 * A pointer into the packet. Loads need a bound check ({@link PacketEnd#covers}) that dominates them, and the pointer
 * dies with any helper call that may move the packet.
 *
 * <p>Loads of one and two bytes give 0…255 and 0…65535. {@code u32} loads give the bits as {@code int}; use
 * {@link Integer#toUnsignedLong} or {@link Integer#compareUnsigned} where the sign matters. Methods that end in
 * {@code be} convert from network byte order; the others keep the bytes as they lie in memory, which is what a key or an
 * address wants.
 */
public final class Packet {
    private static final VarHandle U16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.nativeOrder());
    private static final VarHandle U32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final VarHandle U64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    /** The verifier refuses larger distances ({@code MAX_PACKET_OFF}). */
    private static final int MAX_DISTANCE = 0xffff;

    private final PacketMemory memory;
    private final int offset;
    private final int epoch;

    Packet(PacketMemory memory) {
        this(memory, 0, memory.epoch());
    }

    private Packet(PacketMemory memory, int offset, int epoch) {
        this.memory = memory;
        this.offset = offset;
        this.epoch = epoch;
    }

    /**
     * The pointer {@code distance} bytes further on. A distance that is not a constant needs a bound check of its own
     * behind it.
     *
     * @param distance 0 to 65535
     */
    @Intrinsic(Operation.ADVANCE)
    public Packet plus(int distance) {
        memory.requireLive(epoch);
        if (distance < 0 || distance > MAX_DISTANCE || offset + distance > MAX_DISTANCE) {
            throw new KernelRuleViolation("a packet pointer may move by 0 to " + MAX_DISTANCE + " bytes, not by "
                    + distance + " from " + offset);
        }
        return new Packet(memory, offset + distance, epoch);
    }

    /** The byte at {@code at}, 0 to 255. */
    @Intrinsic(value = Operation.LOAD, size = 1)
    public int u8(int at) {
        return bytes(at, 1)[offset + at] & 0xff;
    }

    /** Two bytes at {@code at} as they lie in memory, 0 to 65535. */
    @Intrinsic(value = Operation.LOAD, size = 2)
    public int u16(int at) {
        return (short) U16.get(bytes(at, 2), offset + at) & 0xffff;
    }

    /** Two bytes at {@code at} in network order, 0 to 65535. */
    @Intrinsic(value = Operation.LOAD, size = 2, order = Order.NETWORK)
    public int u16be(int at) {
        return ByteOrders.network16(u16(at));
    }

    /** Four bytes at {@code at} as they lie in memory. */
    @Intrinsic(value = Operation.LOAD, size = 4)
    public int u32(int at) {
        return (int) U32.get(bytes(at, 4), offset + at);
    }

    /** Four bytes at {@code at} in network order. */
    @Intrinsic(value = Operation.LOAD, size = 4, order = Order.NETWORK)
    public int u32be(int at) {
        return ByteOrders.network32(u32(at));
    }

    /** Eight bytes at {@code at} as they lie in memory. */
    @Intrinsic(value = Operation.LOAD, size = 8)
    public long u64(int at) {
        return (long) U64.get(bytes(at, 8), offset + at);
    }

    /** Eight bytes at {@code at} in network order. */
    @Intrinsic(value = Operation.LOAD, size = 8, order = Order.NETWORK)
    public long u64be(int at) {
        return ByteOrders.network64(u64(at));
    }

    /** Stores the low byte of {@code value}. */
    @Intrinsic(value = Operation.STORE, size = 1)
    public void setU8(int at, int value) {
        bytes(at, 1)[offset + at] = (byte) value;
    }

    /** Stores the low two bytes of {@code value} in memory order. */
    @Intrinsic(value = Operation.STORE, size = 2)
    public void setU16(int at, int value) {
        U16.set(bytes(at, 2), offset + at, (short) value);
    }

    /** Stores the low two bytes of {@code value} in network order. */
    @Intrinsic(value = Operation.STORE, size = 2, order = Order.NETWORK)
    public void setU16be(int at, int value) {
        setU16(at, ByteOrders.network16(value));
    }

    /** Stores {@code value} in memory order. */
    @Intrinsic(value = Operation.STORE, size = 4)
    public void setU32(int at, int value) {
        U32.set(bytes(at, 4), offset + at, value);
    }

    /** Stores {@code value} in network order. */
    @Intrinsic(value = Operation.STORE, size = 4, order = Order.NETWORK)
    public void setU32be(int at, int value) {
        setU32(at, ByteOrders.network32(value));
    }

    /** Stores {@code value} in memory order. */
    @Intrinsic(value = Operation.STORE, size = 8)
    public void setU64(int at, long value) {
        U64.set(bytes(at, 8), offset + at, value);
    }

    boolean checkedTo(int length) {
        return memory.check(offset + length, epoch);
    }

    private byte[] bytes(int at, int size) {
        memory.requireChecked(offset + at, size, epoch);
        return memory.bytes();
    }
}
