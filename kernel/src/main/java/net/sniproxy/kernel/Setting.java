package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.U32;

/** Indexes of {@link KernelMaps#CONFIG}: switches that the control plane turns while programs run. */
public final class Setting {
    /** Entries of the map. */
    public static final int ENTRIES = 32;
    /** Not 0: only allowed sources pass. */
    public static final int ALLOW_LIST = 0;
    /** Not 0: the source filter judges at all. */
    public static final int FILTER = 1;
    /** Not 0: it judges every packet of the interface; 0: those to the listen addresses. */
    public static final int WHOLE_INTERFACE = 2;
    /** Which rules there are: {@link #RULES_WHITELIST}, {@link #RULES_HOSTS}, {@link #RULES_IPV4}, {@link #RULES_IPV6}. */
    public static final int RULES = 3;
    /** Nanoseconds between two new connections of a source, at most 1,000,000,000; 0: as it likes. */
    public static final int SYN_INTERVAL = 4;
    /** Not 0: {@link FilterMaps#DENIED_SOURCES} has entries. */
    public static final int DENIED_SOURCES = 5;

    /** {@link FilterMaps#DENY_HOSTS} has entries. */
    public static final int RULES_HOSTS = 1;
    /** {@link FilterMaps#RULES_IPV4} has entries. */
    public static final int RULES_IPV4 = 2;
    /** {@link FilterMaps#RULES_IPV6} has entries. */
    public static final int RULES_IPV6 = 4;
    /** {@link KernelMaps#IP_WHITELIST} has entries. */
    public static final int RULES_WHITELIST = 8;

    private Setting() {}

    /** Whether the switch is on. */
    static boolean isOn(int setting) {
        return value(setting) != 0;
    }

    /** What it is set to. */
    static int value(int setting) {
        U32 value = KernelMaps.CONFIG.lookup(setting);
        return value == null ? 0 : value.value;
    }
}
