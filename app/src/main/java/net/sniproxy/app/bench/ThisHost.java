package net.sniproxy.app.bench;

import java.util.List;

/** Everything on 127.0.0.1. */
record ThisHost() implements Place {
    static final String LOOPBACK = "127.0.0.1";

    @Override
    public List<String> prefix(Role role) {
        return List.of();
    }

    @Override
    public String address(Role role) {
        return LOOPBACK;
    }

    @Override
    public void close() {
        // Nothing was made.
    }
}
