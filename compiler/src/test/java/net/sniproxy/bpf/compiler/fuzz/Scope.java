package net.sniproxy.bpf.compiler.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The variables that generated code may use where it stands. */
record Scope(List<String> ints, List<String> longs, List<String> writable) {
    /** A scope within this one: what it declares is not seen outside. */
    Scope nested() {
        return new Scope(new ArrayList<>(ints), new ArrayList<>(longs), new ArrayList<>(writable));
    }

    String anyInt(Random random) {
        return ints.get(random.nextInt(ints.size()));
    }

    String anyLong(Random random) {
        return longs.get(random.nextInt(longs.size()));
    }

    /** A variable or field that may be assigned to; loop counters are not among them. */
    String anyWritable(Random random) {
        return writable.get(random.nextInt(writable.size()));
    }
}
