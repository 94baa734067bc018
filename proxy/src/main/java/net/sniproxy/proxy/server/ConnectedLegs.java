package net.sniproxy.proxy.server;

import io.netty.channel.Channel;
import java.util.Optional;
import net.sniproxy.proxy.datapath.ConnectionNote;
import net.sniproxy.proxy.datapath.DetachedFlow;
import net.sniproxy.proxy.datapath.DetachedOwner;
import net.sniproxy.proxy.datapath.Legs;
import net.sniproxy.proxy.event.ConnectionInfo;
import net.sniproxy.proxy.route.Route;

/** What a data path sees of a connection. */
record ConnectedLegs(Connection owner, Channel upstream, int clientBytesRead, int prefixBytes) implements Legs {
    @Override
    public ConnectionInfo connection() {
        return owner.story().info();
    }

    @Override
    public Optional<String> name() {
        return owner.story().name();
    }

    @Override
    public String route() {
        return owner.story().route().map(Route::label).orElse("");
    }

    @Override
    public Channel client() {
        return owner.client();
    }

    @Override
    public ConnectionNote note() {
        return owner.note();
    }

    @Override
    public DetachedOwner detach(DetachedFlow flow) {
        return owner.detach(flow);
    }
}
