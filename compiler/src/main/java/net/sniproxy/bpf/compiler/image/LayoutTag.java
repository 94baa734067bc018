package net.sniproxy.bpf.compiler.image;

/** Tells which kind of layout follows; a tag is written as its ordinal number. */
enum LayoutTag {
    INTEGER,
    ARRAY,
    STRUCT,
    POINTER,
    OPAQUE
}
