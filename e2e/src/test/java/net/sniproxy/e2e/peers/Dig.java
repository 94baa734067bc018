package net.sniproxy.e2e.peers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/** Asks a DNS server with the JDK's own client. */
public final class Dig {
    private Dig() {}

    /** The A records of a name; none when the name does not exist. */
    public static List<String> addresses(String server, String name) {
        try {
            InitialDirContext context = new InitialDirContext();
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
