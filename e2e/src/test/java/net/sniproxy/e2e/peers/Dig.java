package net.sniproxy.e2e.peers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;
import net.sniproxy.e2e.wire.Peer;

/** Asks a DNS server with the JDK's own client, once: a server that is slow to answer is not asked again. */
public final class Dig {
    private static final Map<String, String> ONCE = Map.of(
            "com.sun.jndi.dns.timeout.initial",
            Long.toString(Peer.PATIENCE.toMillis()),
            "com.sun.jndi.dns.timeout.retries",
            "1");

    private Dig() {}

    /** The A records of a name; none when the name does not exist. */
    public static List<String> addresses(String server, String name) {
        try {
            InitialDirContext context = new InitialDirContext(new Hashtable<>(ONCE));
            Attribute records = context.getAttributes(server.replace("udp:", "dns:") + "/" + name, new String[] {"A"})
                    .get("A");
            List<String> addresses = new ArrayList<>();
            for (Object record : Collections.list(records.getAll())) {
                addresses.add(record.toString());
            }
            return addresses;
        } catch (NameNotFoundException e) {
            return List.of();
        } catch (NamingException e) {
            throw new AssertionError("no answer from " + server, e);
        }
    }
}
