package net.sniproxy.bpf.asm;

/**
 * A place in a program that jumps go to. Two labels are the same only if they are one object; the name is for messages.
 */
public final class Label {
    private final String name;

    private Label(String name) {
        this.name = name;
    }

    /** A label without a place yet; {@link Assembler#label} gives it one. */
    public static Label named(String name) {
        return new Label(name);
    }

    @Override
    public String toString() {
        return name;
    }
}
