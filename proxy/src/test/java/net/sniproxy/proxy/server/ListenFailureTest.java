package net.sniproxy.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListenFailureTest {
    @Test
    void shouldSayWhatToDo() {
        record Case(String address, int port, String cause, String words) {}
        List<Case> cases = List.of(
                new Case("127.0.0.1", 443, "Address already in use", "127.0.0.1:443: it is in use; stop the process"),
                new Case("0.0.0.0", 443, "Permission denied", "0.0.0.0:443: ports below 1024 need root or CAP_NET"),
                new Case("::1", 443, "Cannot assign requested address", "[::1]:443: no interface of this host has"),
                new Case("::", 0, "something else", "[::]:0: something else"));
        for (Case each : cases) {
            InetSocketAddress address = new InetSocketAddress(each.address(), each.port());
            assertThat(ListenFailure.explain(address, new BindException(each.cause())))
                    .startsWith("cannot listen on " + each.words());
        }
    }
}
