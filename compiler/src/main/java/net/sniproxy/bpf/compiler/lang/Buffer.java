package net.sniproxy.bpf.compiler.lang;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import net.sniproxy.bpf.compiler.lang.Intrinsic.Operation;
import net.sniproxy.bpf.compiler.lang.Intrinsic.Order;

/**
 * A zeroed array of bytes on the program's stack, of a constant size: what helpers copy packet bytes to and from.
 *
 * <p>An index that is not a constant must be bounded in a way the verifier follows, such as {@code i & 63} on a buffer of
 * 64 bytes. Loads behave as those of {@link Packet}; offsets of two, four and eight byte accesses are aligned.
 */
public final class Buffer {
    private static final VarHandle U16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.nativeOrder());
    private static final VarHandle U32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final VarHandle U64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    /** The whole stack of a program ({@code MAX_BPF_STACK}). */
    private static final int MAX_SIZE = 512;

    private final byte[] bytes;

    private Buffer(int size) {
        this.bytes = new byte[size];
    }

    /**
     * A zeroed buffer.
     *
     * @param size a constant, a multiple of 8 of at most 512
     */
    @Intrinsic(Operation.ALLOCATE)
    public static Buffer ofSize(int size) {
        if (size <= 0 || size > MAX_SIZE || size % 8 != 0) {
            throw new KernelRuleViolation("a buffer has 8 to " + MAX_SIZE + " bytes, a multiple of 8, not " + size);
        }
        return new Buffer(size);
    }

    /** The byte at {@code at}, 0 to 255. */
    @Intrinsic(value = Operation.LOAD, size = 1)
    public int u8(int at) {
        return bytes[index(at, 1)] & 0xff;
    }

    /** Two bytes at {@code at} as they lie in memory, 0 to 65535. */
    @Intrinsic(value = Operation.LOAD, size = 2)
    public int u16(int at) {
        return (short) U16.get(bytes, index(at, 2)) & 0xffff;
    }

    /** Two bytes at {@code at} in network order, 0 to 65535. */
    @Intrinsic(value = Operation.LOAD, size = 2, order = Order.NETWORK)
    public int u16be(int at) {
        return ByteOrders.network16(u16(at));
    }

    /** Four bytes at {@code at} as they lie in memory. */
    @Intrinsic(value = Operation.LOAD, size = 4)
    public int u32(int at) {
        return (int) U32.get(bytes, index(at, 4));
    }

    /** Four bytes at {@code at} in network order. */
    @Intrinsic(value = Operation.LOAD, size = 4, order = Order.NETWORK)
    public int u32be(int at) {
        return ByteOrders.network32(u32(at));
    }

    /** Eight bytes at {@code at} as they lie in memory. */
    @Intrinsic(value = Operation.LOAD, size = 8)
    public long u64(int at) {
        return (long) U64.get(bytes, index(at, 8));
    }

    /** Stores the low byte of {@code value}. */
    @Intrinsic(value = Operation.STORE, size = 1)
    public void setU8(int at, int value) {
        bytes[index(at, 1)] = (byte) value;
    }

    /** Stores the low two bytes of {@code value} in memory order. */
    @Intrinsic(value = Operation.STORE, size = 2)
    public void setU16(int at, int value) {
        U16.set(bytes, index(at, 2), (short) value);
    }

    /** Stores the low two bytes of {@code value} in network order. */
    @Intrinsic(value = Operation.STORE, size = 2, order = Order.NETWORK)
    public void setU16be(int at, int value) {
        setU16(at, ByteOrders.network16(value));
    }

    /** Stores {@code value} in memory order. */
    @Intrinsic(value = Operation.STORE, size = 4)
    public void setU32(int at, int value) {
        U32.set(bytes, index(at, 4), value);
    }

    /** Stores {@code value} in network order. */
    @Intrinsic(value = Operation.STORE, size = 4, order = Order.NETWORK)
    public void setU32be(int at, int value) {
        setU32(at, ByteOrders.network32(value));
    }

    /** Stores {@code value} in memory order. */
    @Intrinsic(value = Operation.STORE, size = 8)
    public void setU64(int at, long value) {
        U64.set(bytes, index(at, 8), value);
    }

    /** The bytes themselves, for the stand-ins of helpers; checks that a helper may touch {@code length} of them. */
    byte[] bytes(int length) {
        if (length < 0 || length > bytes.length) {
            throw new KernelRuleViolation(
                    "a helper was given " + length + " bytes of a buffer of " + bytes.length + " bytes");
        }
        return bytes;
    }

    private int index(int at, int size) {
        if (at < 0 || at + size > bytes.length || at % size != 0) {
            throw new KernelRuleViolation("access of " + size + " bytes at " + at + " of a buffer of " + bytes.length
                    + " bytes: it must lie within and be aligned");
        }
        return at;
    }
}
