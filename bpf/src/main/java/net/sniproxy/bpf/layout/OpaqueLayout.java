package net.sniproxy.bpf.layout;

/** A struct known only by name, such as {@code struct xdp_md}: good for pointers to it, without a size. */
public record OpaqueLayout(String name) implements DataLayout {
    @Override
    public int size() {
        throw new UnsupportedOperationException("struct " + name + " is known only by name: it has no size here");
    }

    @Override
    public int alignment() {
        throw new UnsupportedOperationException("struct " + name + " is known only by name: it has no alignment here");
    }
}
