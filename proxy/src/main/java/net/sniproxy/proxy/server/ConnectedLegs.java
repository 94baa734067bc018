package net.sniproxy.proxy.server;

import io.netty.channel.Channel;
import java.util.List;
import java.util.Optional;
import net.sniproxy.proxy.datapath.ConnectionNote;
import net.sniproxy.proxy.datapath.DataPaths.Choice;
import net.sniproxy.proxy.datapath.DetachedFlow;
import net.sniproxy.proxy.datapath.DetachedOwner;
import net.sniproxy.proxy.datapath.Legs;
import net.sniproxy.proxy.event.ConnectionInfo;
import net.sniproxy.proxy.event.DataPathKind;
import net.sniproxy.proxy.event.PathDeclined;
import net.sniproxy.proxy.route.Route;

/** What a data path sees of a connection. */
record ConnectedLegs(Relaying owner, int clientBytesRead, int prefixBytes) implements Legs {
    @Override
    public ConnectionInfo connection() {
        return story().info();
    }

    @Override
    public Optional<String> name() {
        return story().name();
    }

    @Override
    public String route() {
        return story().route().map(Route::label).orElse("");
    }

    private ConnectionStory story() {
        return owner.connection().story();
    }

    @Override
    public Channel client() {
        return owner.connection().client();
    }

    @Override
    public Channel upstream() {
        return owner.upstream();
    }

    @Override
    public void relayedAfterAll(PathDeclined why) {
        story().pathChosen(new Choice(DataPathKind.RELAY, Optional.empty(), List.of(why), ""));
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
