package net.sniproxy.proxy.server;

import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.config.Config;
import net.sniproxy.proxy.filter.CidrSet;
import net.sniproxy.proxy.hello.HelloLimits;
import net.sniproxy.proxy.route.Route;
import net.sniproxy.proxy.route.Router;
import net.sniproxy.proxy.upstream.Upstreams;

/**
 * A configuration in the form that connections are decided by. Immutable; a reload replaces it as a whole.
 *
 * @param config what it was made from
 * @param trustedPeers those whose PROXY protocol header is read
 * @param deadlines the timeouts in nanoseconds
 */
record RunningConfig(
        Config config,
        Router router,
        CidrSet trustedPeers,
        HelloLimits helloLimits,
        Deadlines deadlines,
        Upstreams upstreams) {
    /** All in nanoseconds. */
    record Deadlines(long hello, long connect, long idle) {}

    static RunningConfig of(Config config, Upstreams upstreams) {
        var timeouts = config.timeouts();
        return new RunningConfig(
                config,
                Router.of(config),
                CidrSet.of(config.acceptProxy()),
                HelloLimits.ofBytes(config.limits().helloBytes()),
                new Deadlines(
                        timeouts.hello().toNanos(),
                        timeouts.connect().toNanos(),
                        timeouts.idle().toNanos()),
                upstreams);
    }

    Optional<Route> route(Optional<String> name, List<String> alpn) {
        return router.route(name, alpn);
    }
}
