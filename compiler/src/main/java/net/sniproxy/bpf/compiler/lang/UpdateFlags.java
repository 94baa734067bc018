package net.sniproxy.bpf.compiler.lang;

/** What an update of a map entry requires ({@code BPF_ANY} and its siblings). */
public final class UpdateFlags {
    /** Create or replace. */
    public static final long ANY = 0;
    /** Create only. */
    public static final long NO_EXIST = 1;
    /** Replace only. */
    public static final long EXIST = 2;

    private UpdateFlags() {}
}
