package net.sniproxy.bpf.compiler.front;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.sniproxy.bpf.compiler.ir.Value;
import org.jspecify.annotations.Nullable;

/** The JVM's local variables and operand stack, holding values of the graph. */
final class Frame {
    private final @Nullable Value[] locals;
    private final List<Value> stack;

    Frame(int maxLocals) {
        this(new Value[maxLocals], new ArrayList<>());
    }

    private Frame(@Nullable Value[] locals, List<Value> stack) {
        this.locals = locals;
        this.stack = stack;
    }

    Frame copy() {
        return new Frame(Arrays.copyOf(locals, locals.length), new ArrayList<>(stack));
    }

    int localCount() {
        return locals.length;
    }

    @Nullable
    Value local(int slot) {
        return locals[slot];
    }

    void local(int slot, @Nullable Value value) {
        locals[slot] = value;
    }

    List<Value> stack() {
        return stack;
    }

    void push(Value value) {
        stack.add(value);
    }

    Value pop() {
        return stack.removeLast();
    }

    /** Pops {@code count} values; the one that was pushed last is last. */
    List<Value> pop(int count) {
        List<Value> tail = stack.subList(stack.size() - count, stack.size());
        List<Value> popped = new ArrayList<>(tail);
        tail.clear();
        return popped;
    }
}
