package net.sniproxy.e2e.peers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.sniproxy.e2e.harness.Child;

/**
 * A certificate authority and one server certificate for {@code *.site.test}, fresh, as PEM files.
 *
 * @param authority certificate that clients trust
 * @param certificate of the server
 * @param key of the server
 */
public record Certificates(Path authority, Path certificate, Path key) {

    /** Makes them in a directory with the openssl command. */
    public static Certificates in(Path directory) {
        Path authority = directory.resolve("ca.pem");
        Path authorityKey = directory.resolve("ca.key");
        Path certificate = directory.resolve("server.pem");
        Path key = directory.resolve("server.key");
        Child.run(selfSigned(authority, authorityKey, "/CN=end-to-end authority"));
        List<String> command = new ArrayList<>(selfSigned(certificate, key, "/CN=server.test"));
        command.addAll(List.of(
                "-CA",
                authority.toString(),
                "-CAkey",
                authorityKey.toString(),
                "-addext",
                "subjectAltName=DNS:*.site.test",
                "-addext",
                "basicConstraints=critical,CA:false"));
        Child.run(command);
        return new Certificates(authority, certificate, key);
    }

    private static List<String> selfSigned(Path certificate, Path key, String subject) {
        return List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                subject,
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString());
    }
}
