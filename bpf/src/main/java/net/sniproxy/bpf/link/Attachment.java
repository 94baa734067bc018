package net.sniproxy.bpf.link;

import net.sniproxy.bpf.program.Program;

/** A program that is attached somewhere, until this is closed. Safe for use by many threads. */
public sealed interface Attachment extends AutoCloseable permits Link, ClsactFilter, SockmapProgram {
    /**
     * Puts another program in place of the one that runs now, without a moment in which none or both run.
     *
     * @throws net.sniproxy.bpf.BpfException if the kernel refuses; the old one stays
     */
    void replace(Program program);

    /** Ends it, unless it is pinned. A second call does nothing. */
    @Override
    void close();
}
