package net.sniproxy.bpf.layout;

/** A fixed number of elements, one after the other. */
public record ArrayLayout(DataLayout element, int length) implements DataLayout {
    public ArrayLayout {
        if (length < 1) {
            throw new IllegalArgumentException("an array has at least one element, not " + length);
        }
        Math.multiplyExact(element.size(), length);
    }

    @Override
    public int size() {
        return element.size() * length;
    }

    @Override
    public int alignment() {
        return element.alignment();
    }
}
