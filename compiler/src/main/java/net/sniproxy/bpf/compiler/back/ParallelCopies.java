package net.sniproxy.bpf.compiler.back;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/** Copies between registers that happen at once, as those on the edge into a block with φs do. For one thread. */
final class ParallelCopies {
    private final IntSupplier newRegister;
    private final List<Copy> pending = new ArrayList<>();

    private record Copy(int target, int source) {
        Machine.Move move() {
            return new Machine.Move(target, source, true);
        }
    }

    /** No copies yet. The supplier gives registers that nobody else uses. */
    ParallelCopies(IntSupplier newRegister) {
        this.newRegister = newRegister;
    }

    /** Adds a copy; each target once. */
    void add(int target, int source) {
        if (target != source) {
            pending.add(new Copy(target, source));
        }
    }

    /** Moves of the same effect, one after the other: a target that is still read waits, and a cycle takes a detour. */
    List<Machine.Move> inOrder() {
        List<Copy> left = new ArrayList<>(pending);
        List<Machine.Move> moves = new ArrayList<>();
        while (!left.isEmpty()) {
            Optional<Copy> free = left.stream()
                    .filter(copy -> left.stream().noneMatch(other -> other.source == copy.target))
                    .findFirst();
            if (free.isPresent()) {
                moves.add(free.get().move());
                left.remove(free.get());
            } else {
                Copy broken = left.removeFirst();
                int detour = newRegister.getAsInt();
                moves.add(new Copy(detour, broken.source).move());
                left.add(new Copy(broken.target, detour));
            }
        }
        return moves;
    }
}
