package net.sniproxy.bpf.map;

/** When an update may write. */
public enum UpdateMode {
    /** Whether or not the key is in the map. */
    ANY(0),
    /** Only if the key is not in the map. */
    NO_EXIST(1),
    /** Only if the key is in the map. */
    EXIST(2);

    private final int flag;

    UpdateMode(int flag) {
        this.flag = flag;
    }

    /** The value of {@code flags} in bpf(2). */
    public int flag() {
        return flag;
    }
}
