package net.sniproxy.bpf.elf;

/**
 * A symbol of an object file.
 *
 * @param section name of the section it is in
 * @param value   bytes from the start of the section
 * @param size    bytes
 * @param global  seen from other files; programs, maps and functions that are checked apart are, other
 *                functions are not
 */
record ElfSymbol(String name, Kind kind, String section, long value, long size, boolean global) {
    /** What a symbol stands for, with its number in {@code st_info}. */
    enum Kind {
        OBJECT(1),
        FUNCTION(2);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }
}
