package net.sniproxy.bpf.asm;

/**
 * Where the instructions from {@code slot} on come from, until the next one.
 *
 * @param slot   8-byte slot counted from the start of the function
 * @param file   name of the source file
 * @param line   from 1; 0 when unknown
 * @param column from 1; 0 when unknown
 * @param text   the source line, empty when unknown
 */
public record SourceLine(int slot, String file, int line, int column, String text) {
    /** The kernel keeps line and column in one word: 22 and 10 bits. */
    public static final int MAX_LINE = (1 << 22) - 1;

    private static final int COLUMN_BITS = 10;

    /** Larger columns are written as this one. */
    public static final int MAX_COLUMN = (1 << COLUMN_BITS) - 1;

    public SourceLine {
        if (slot < 0 || line < 0 || line > MAX_LINE || column < 0) {
            throw new IllegalArgumentException("slot " + slot + ", line " + line + ", column " + column + " of " + file
                    + ": not negative, and at most " + MAX_LINE + " lines");
        }
    }

    /** Line and column in one word, as the kernel and ELF files keep them. */
    public int lineAndColumn() {
        return line << COLUMN_BITS | Math.min(column, MAX_COLUMN);
    }

    /** The same place, so many slots further on. */
    public SourceLine shiftedBy(int slots) {
        return new SourceLine(slot + slots, file, line, column, text);
    }
}
