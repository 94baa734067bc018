package net.sniproxy.app.demo;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * A certificate authority that lives as long as the demo, and the one certificate that it has issued. The private keys
 * never leave the process. Immutable.
 */
final class DemoCertificates {
    private static final Duration LIFETIME = Duration.ofDays(1);

    private final X509Bundle authority;
    private final X509Bundle server;

    private DemoCertificates(X509Bundle authority, X509Bundle server) {
        this.authority = authority;
        this.server = server;
    }

    /** Makes fresh ones. */
    static DemoCertificates create(List<String> names) {
        Instant now = Instant.now();
        CertificateBuilder builder =
                new CertificateBuilder().ecp256().notBefore(now.minus(LIFETIME)).notAfter(now.plus(LIFETIME));
        try {
            X509Bundle authority = builder.copy()
                    .subject("CN=SNI-Proxy demo authority")
                    .setIsCertificateAuthority(true)
                    .setKeyUsage(true, CertificateBuilder.KeyUsage.keyCertSign)
                    .buildSelfSigned();
            CertificateBuilder server = builder.copy().subject("CN=demo.test").addExtendedKeyUsageServerAuth();
            names.forEach(server::addSanDnsName);
            return new DemoCertificates(authority, server.buildIssuedBy(authority));
        } catch (Exception e) {
            throw new IllegalStateException("no certificate could be made", e);
        }
    }

    /** For servers that answer with the certificate. */
    SSLContext serverContext() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(server.toKeyManagerFactory().getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }

    /** For clients that trust the authority and nobody else. */
    SSLContext clientContext() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, authority.toTrustManagerFactory().getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }

    /** Writes the authority's certificate for clients outside this process. */
    void writeAuthority(Path file) throws IOException {
        Files.writeString(file, authority.getCertificatePEM());
    }
}
