package net.sniproxy.bpf.compiler.opt;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.compiler.ir.Block;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Op;
import net.sniproxy.bpf.compiler.ir.Type;
import net.sniproxy.bpf.compiler.ir.Value;

/**
 * Removes stores to the stack that are overwritten before anyone reads them, and zeroes only those parts of a new object
 * that nothing else fills. Padding stays zeroed: keys are compared byte by byte.
 */
public final class DeadStores {
    private static final int WORD = 8;

    private final Function function;
    /** For each stack object the bytes that a later store of this block fills, with no reader in between. */
    private final Map<Value, BitSet> overwritten = new HashMap<>();

    private final StackPointers pointers;
    private boolean changed;

    private DeadStores(Function function) {
        this.function = function;
        this.pointers = StackPointers.of(function);
    }

    /** Runs over each block by itself. */
    public static boolean run(Function function) {
        DeadStores stores = new DeadStores(function);
        function.reversePostorder().forEach(stores::block);
        return stores.changed;
    }

    private void block(Block block) {
        overwritten.clear();
        List<Value> kept = new ArrayList<>();
        for (Value value : block.instructions().reversed()) {
            if (!removed(value, kept)) {
                kept.add(value);
                read(value);
            }
        }
        block.instructions().clear();
        block.instructions().addAll(kept.reversed());
    }

    private boolean removed(Value value, List<Value> kept) {
        return switch (value.op()) {
            case Op.Store(int size, int offset)
            when isSlot(value.argument(0)) -> removedStore(value.argument(0), offset, size);
            case Op.Clear(int size) -> removedClear(value, size, kept);
            default -> false;
        };
    }

    private static boolean isSlot(Value pointer) {
        return pointer.op() instanceof Op.StackAddress;
    }

    private BitSet bytes(Value slot) {
        return overwritten.computeIfAbsent(slot, _ -> new BitSet());
    }

    private boolean removedStore(Value slot, int offset, int size) {
        BitSet bytes = bytes(slot);
        if (bytes.nextClearBit(offset) >= offset + size) {
            changed = true;
            return true;
        }
        bytes.set(offset, offset + size);
        return false;
    }

    /** Word by word: what is overwritten needs no zero. A word of which only a part is filled later is zeroed whole. */
    private boolean removedClear(Value clear, int size, List<Value> kept) {
        Value slot = clear.argument(0);
        BitSet bytes = bytes(slot);
        List<Value> zeroes = new ArrayList<>();
        for (int offset = 0; offset < size; offset += WORD) {
            if (bytes.nextClearBit(offset) < offset + WORD) {
                zeroes.add(function.newValue(
                        Type.NONE,
                        new Op.Store(WORD, offset),
                        List.of(slot, function.constant(Type.I64, 0)),
                        clear.position()));
            }
        }
        if (zeroes.size() == size / WORD) {
            bytes.set(0, size);
            return false;
        }
        kept.addAll(zeroes);
        bytes.set(0, size);
        changed = true;
        return true;
    }

    /** Whoever may read a stack object ends what is known of its later stores. */
    private void read(Value value) {
        switch (value.op()) {
            case Op.Load(int size, boolean _, int offset)
            when isSlot(value.argument(0)) -> bytes(value.argument(0)).clear(offset, offset + size);
            case Op.Load _, Op.CallHelper _, Op.CallFunction _, Op.Atomic _ -> {
                forget(pointers.used(value));
                forget(pointers.escaped());
            }
            default -> {}
        }
    }

    private void forget(BitSet objects) {
        objects.stream().mapToObj(pointers.objects()::get).forEach(overwritten::remove);
    }
}
