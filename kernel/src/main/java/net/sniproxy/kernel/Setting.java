package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.U32;

/** Indexes of {@link KernelMaps#CONFIG}: switches that the control plane turns while programs run. */
public final class Setting {
    /** Entries of the map. */
    public static final int ENTRIES = 32;
    /** Not 0: only allowed sources pass. */
    public static final int ALLOW_LIST = 0;

    private Setting() {}

    /** Whether the switch is on. */
    static boolean isOn(int setting) {
        U32 value = KernelMaps.CONFIG.lookup(setting);
        return value != null && value.value != 0;
    }
}
