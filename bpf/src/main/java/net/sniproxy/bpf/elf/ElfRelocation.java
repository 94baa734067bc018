package net.sniproxy.bpf.elf;

/**
 * An instruction that the loader completes with the address of a symbol.
 *
 * @param offset bytes from the start of the section to the instruction
 */
record ElfRelocation(long offset, ElfSymbol symbol, Kind kind) {
    /** Relocation types of the eBPF ABI (Documentation/bpf/llvm_reloc.rst). */
    enum Kind {
        /** R_BPF_64_64: a 64-bit load of a map or of the address of a function. */
        WIDE_LOAD(1),
        /** R_BPF_64_32: a call. */
        CALL(10);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }
}
