package net.sniproxy.e2e.harness;

import java.util.Locale;
import net.sniproxy.bpf.testing.SinceKernelCondition;

/** The ways bytes can go through the proxy; every data scenario runs on each. */
public enum DataPath {
    /** Copied in user space: no kernel program is loaded. */
    RELAY {
        @Override
        public Site site() {
            return Site.loopback();
        }

        @Override
        public ProxyConfig configure(ProxyConfig config) {
            return config.set("ebpf.enabled", false);
        }
    },

    /** Moved by the kernel from socket to socket; clients and back ends are in a cgroup of the test. */
    SOCKMAP {
        @Override
        public Site site() {
            SinceKernelCondition.assume("6.3"); // The tracepoint sock_recv_length.
            return new CgroupSite();
        }

        @Override
        public ProxyConfig configure(ProxyConfig config) {
            return config.set("ebpf.enabled", true)
                    .set("ebpf.splice.enabled", false)
                    .set("ebpf.sockmap.cgroup", CgroupSite.current().toString());
        }
    },

    /** Rewritten by the kernel, packet by packet: no socket of the proxy has a part in it. Needs root. */
    SPLICE {
        @Override
        public Site site() {
            return new VethSite();
        }

        @Override
        public ProxyConfig configure(ProxyConfig config) {
            return config.set("ebpf.enabled", true).set("ebpf.sockmap.enabled", false);
        }
    };

    /** A place where this path is taken. */
    public abstract Site site();

    /** Turns this path on, and the others off. */
    public abstract ProxyConfig configure(ProxyConfig config);

    /** As access log lines name it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
