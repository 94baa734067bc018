package net.sniproxy.bpf.program;

/**
 * What ties a program to its BTF: the verifier's log and {@code bpftool prog dump} then show source lines.
 *
 * @param btf descriptor of the loaded BTF
 * @param functions {@code struct bpf_func_info}, 8 bytes each, in the machine's byte order
 * @param lines {@code struct bpf_line_info}, 16 bytes each, in the machine's byte order
 */
public record DebugInfo(int btf, byte[] functions, byte[] lines) {
    static final int FUNCTION_SIZE = 8;
    static final int LINE_SIZE = 16;

    /** No BTF. */
    public static final DebugInfo NONE = new DebugInfo(0, new byte[0], new byte[0]);

    public DebugInfo {
        if (functions.length % FUNCTION_SIZE != 0 || lines.length % LINE_SIZE != 0) {
            throw new IllegalArgumentException("func_info of " + functions.length + " bytes and line_info of "
                    + lines.length + " are not whole records of " + FUNCTION_SIZE + " and " + LINE_SIZE);
        }
    }
}
