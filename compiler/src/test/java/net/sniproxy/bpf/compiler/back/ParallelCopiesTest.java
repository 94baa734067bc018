package net.sniproxy.bpf.compiler.back;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParallelCopiesTest {
    private static final int REGISTERS = 6;
    private static final int SPARE = 4;

    @Test
    void shouldDetourACycleOnce() {
        ParallelCopies copies = new ParallelCopies(() -> REGISTERS);
        copies.add(0, 1);
        copies.add(1, 2);
        copies.add(2, 0);
        assertThat(copies.inOrder()).hasSize(4);
    }

    @Test
    void shouldNotMoveARegisterToItself() {
        ParallelCopies copies = new ParallelCopies(() -> REGISTERS);
        copies.add(3, 3);
        assertThat(copies.inOrder()).isEmpty();
    }

    @Test
    void shouldHaveTheEffectOfCopiesAtOnce() {
        Random random = new Random(5);
        for (int round = 0; round < 10_000; round++) {
            List<Integer> sources = random.ints(REGISTERS, 0, REGISTERS).boxed().toList();
            assertThat(afterMoves(sources)).as("sources %s", sources).isEqualTo(sources);
        }
    }

    /** What the first registers hold behind the moves, where each held its own number before. */
    private static List<Integer> afterMoves(List<Integer> sources) {
        int[] next = {REGISTERS};
        ParallelCopies copies = new ParallelCopies(() -> next[0]++);
        for (int target = 0; target < REGISTERS; target++) {
            copies.add(target, sources.get(target));
        }
        int[] registers = IntStream.range(0, REGISTERS + SPARE).toArray();
        for (Machine.Move move : copies.inOrder()) {
            registers[move.destination()] = registers[move.source()];
        }
        return IntStream.of(registers).limit(REGISTERS).boxed().toList();
    }
}
