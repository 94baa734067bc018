package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.BpfArray;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.layout.Codec;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;

/**
 * What stands beside {@link KernelMaps#DNS_CACHE}, and how a name becomes its key: {@link SipHash} of the name in lower
 * case without the last dot, followed by one byte, 4 or 6, for the kind of address that is wanted.
 */
public final class DnsMaps {
    /** The cache's secret, at index 0. */
    @BpfMap(name = "DNS_HASH_KEY", maxEntries = 1)
    static final BpfArray<Secret> DNS_HASH_KEY = BpfArray.of(1, Secret::new);

    private DnsMaps() {}

    /** {@link DnsHashKey} as programs read it. */
    @Struct("DnsHashKey")
    static final class Secret {
        @Unsigned
        long key0;

        @Unsigned
        long key1;

        @Unsigned
        long source;
    }

    /**
     * The key of a name, in kernel programs. None of today's asks the cache; a test holds that both sides make the same key.
     *
     * @param message {@link SipHash#BUFFER} bytes: the name and the byte behind it, then zeros
     * @param length of both
     * @return 0 if there is no cache
     */
    static long key(Buffer message, int length) {
        Secret secret = DNS_HASH_KEY.lookup(0);
        return secret == null ? 0 : SipHash.hash(message, length, secret.key0, secret.key1);
    }

    /** {@code DNS_CACHE}, for so many names. */
    public static MapSpec cache(int entries) {
        return spec("DNS_CACHE", MapType.LRU_HASH, IntegerLayout.U64, Codec.of(DnsRecord.class), entries);
    }

    /** {@code DNS_NAMES}: {@link DnsName} by the key of the cache. Only user space reads it, after a restart. */
    public static MapSpec names(int entries) {
        return spec("DNS_NAMES", MapType.LRU_HASH, IntegerLayout.U64, Codec.of(DnsName.class), entries);
    }

    /** {@code DNS_HASH_KEY}: one {@link DnsHashKey}. */
    public static MapSpec hashKey() {
        return spec("DNS_HASH_KEY", MapType.ARRAY, IntegerLayout.U32, Codec.of(DnsHashKey.class), 1);
    }

    private static MapSpec spec(String name, MapType type, DataLayout key, Codec<?> value, int entries) {
        return MapSpec.named(name, type)
                .key(key)
                .value(value.layout())
                .maxEntries(entries)
                .build();
    }
}
