package net.sniproxy.kernel;

import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/**
 * The secret of one DNS cache: with it nobody can make up a name that is taken for another.
 *
 * @param key0 the first half of the key of {@link SipHash}
 * @param key1 the second half
 * @param source what the answers depend on beside the name, as a hash: the name servers and the network namespace
 */
@Struct("DnsHashKey")
public record DnsHashKey(
        @Unsigned long key0, @Unsigned long key1, @Unsigned long source) {}
