package net.sniproxy.proxy.dns;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.dns.DnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts together the answers that Netty gives record by record, so that they are kept as a whole; knows nothing itself, so
 * that Netty always asks. For one event loop.
 */
final class AnswerCollector implements DnsCache {
    private final NameCache cache;
    private final Map<String, Answer> answers = new HashMap<>();

    /** @param cache where answers are kept */
    AnswerCollector(NameCache cache) {
        this.cache = cache;
    }

    private static final class Answer {
        private final List<InetAddress> addresses = new ArrayList<>();
        private long ttlSeconds = Long.MAX_VALUE;
    }

    /** To be called when a name has been asked for: keeps the answer, if there was one. */
    void complete(String name) {
        Answer answer = answers.remove(NameCache.canonical(name));
        if (answer != null) {
            cache.store(name, answer.addresses, answer.ttlSeconds);
        }
    }

    @Override
    public DnsCacheEntry cache(
            String hostname, DnsRecord @Nullable [] additionals, InetAddress address, long ttlSeconds, EventLoop loop) {
        Answer answer = answers.computeIfAbsent(NameCache.canonical(hostname), _ -> new Answer());
        if (!answer.addresses.contains(address)) {
            answer.addresses.add(address);
        }
        answer.ttlSeconds = Math.min(answer.ttlSeconds, ttlSeconds);
        return new NameCache.Entry(address, null);
    }

    @Override
    public DnsCacheEntry cache(String hostname, DnsRecord @Nullable [] additionals, Throwable cause, EventLoop loop) {
        // Netty may tell so behind the failure of what was asked: this is a whole answer by itself.
        cache.store(hostname, List.of(), 0);
        return new NameCache.Entry(null, cause);
    }

    @Override
    public List<? extends DnsCacheEntry> get(String hostname, DnsRecord @Nullable [] additionals) {
        return List.of();
    }

    @Override
    public void clear() {
        answers.clear();
    }

    @Override
    public boolean clear(String hostname) {
        return answers.remove(NameCache.canonical(hostname)) != null;
    }
}
