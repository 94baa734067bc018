package net.sniproxy.proxy.hello;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The handshake message ClientHello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2), header included. */
final class ClientHelloReader extends FieldReader {
    private static final int CLIENT_HELLO = 1;
    private static final int HEADER = 4;
    private static final int RANDOM = 32;
    /** Version, random, no session id, one cipher suite, one compression method, no extensions. */
    private static final int SHORTEST_BODY = 2 + RANDOM + 1 + 4 + 2;

    private static final int SERVER_NAME = 0;
    private static final int ALPN = 16;
    private static final int SUPPORTED_VERSIONS = 43;

    private enum Step {
        TYPE,
        LENGTH,
        VERSION,
        RANDOM,
        SESSION_ID_LENGTH,
        SESSION_ID,
        CIPHER_SUITES_LENGTH,
        CIPHER_SUITES,
        COMPRESSION_METHODS_LENGTH,
        COMPRESSION_METHODS,
        EXTENSIONS_LENGTH,
        EXTENSION_TYPE,
        EXTENSION_LENGTH,
        EXTENSION
    }

    private final int longest;
    private final ExtensionTypes seen = new ExtensionTypes();

    private Step step = Step.TYPE;
    /** Where the record that is being read ends: the message ends there or in a later one. */
    private int recordEnd;

    private int end;
    private int legacyVersion;
    private int extensionType;
    private @Nullable ServerNameReader serverName;
    private @Nullable AlpnReader alpn;
    private @Nullable SupportedVersionsReader supportedVersions;

    /**
     * @param longest the longest message to accept, header included
     */
    ClientHelloReader(int longest) {
        this.longest = longest;
        number("handshake type", 1, CLIENT_HELLO, CLIENT_HELLO, Refusal.UNEXPECTED_MESSAGE);
    }

    /** The next bytes of the message come in a record with so many. */
    void recordBegins(int length) {
        recordEnd = position() + length;
    }

    /** How many bytes are to come, as far as known; 2^24 and more while the length is not read. */
    int missing() {
        return step == Step.TYPE || step == Step.LENGTH ? Integer.MAX_VALUE : end - position();
    }

    Optional<String> name() {
        return serverName == null ? Optional.empty() : serverName.name();
    }

    List<String> protocols() {
        return alpn == null ? List.of() : alpn.protocols();
    }

    List<Integer> versions() {
        return supportedVersions == null ? List.of(legacyVersion) : supportedVersions.versions();
    }

    @Override
    void next() throws RefusedException {
        switch (step) {
            case TYPE -> length();
            case LENGTH -> {
                end = HEADER + number();
                to(Step.VERSION);
                number("client version", 2, 0x0301, 0x03ff, Refusal.PROTOCOL_VERSION);
            }
            case VERSION -> {
                legacyVersion = number();
                to(Step.RANDOM);
                bytes(RANDOM);
            }
            case RANDOM -> lengthOf("session id", Step.SESSION_ID_LENGTH, 1, 0, Math.min(32, left() - 1 - 4 - 2));
            case SESSION_ID_LENGTH -> content(Step.SESSION_ID);
            case SESSION_ID -> lengthOf("cipher suites", Step.CIPHER_SUITES_LENGTH, 2, 2, left() - 2 - 2);
            case CIPHER_SUITES_LENGTH -> {
                requireEven("cipher suites");
                content(Step.CIPHER_SUITES);
            }
            case CIPHER_SUITES -> lengthOf("compression methods", Step.COMPRESSION_METHODS_LENGTH, 1, 1, left() - 1);
            case COMPRESSION_METHODS_LENGTH -> content(Step.COMPRESSION_METHODS);
            case COMPRESSION_METHODS -> extensions();
            case EXTENSIONS_LENGTH, EXTENSION -> extension();
            case EXTENSION_TYPE -> {
                extensionType = number();
                if (!seen.add(extensionType)) {
                    throw new RefusedException(
                            Refusal.DUPLICATE_EXTENSION, "extension " + extensionType + " comes twice");
                }
                lengthOf("extension " + extensionType, Step.EXTENSION_LENGTH, 2, 0, left() - 2);
            }
            case EXTENSION_LENGTH -> extensionBody(number());
        }
    }

    private void length() {
        to(Step.LENGTH);
        int shortest = Math.max(SHORTEST_BODY, recordEnd - HEADER);
        number("handshake length", 3, shortest, Math.max(shortest, longest - HEADER), Refusal.TOO_LARGE);
    }

    private void extensions() throws RefusedException {
        if (left() == 0) {
            return;
        }
        if (left() == 1) {
            throw new RefusedException(Refusal.MALFORMED, "one byte behind the compression methods");
        }
        int length = left() - 2;
        lengthOf("extensions", Step.EXTENSIONS_LENGTH, 2, length, length);
    }

    private void extension() throws RefusedException {
        if (left() == 0) {
            return;
        }
        if (left() < 4) {
            throw new RefusedException(Refusal.MALFORMED, left() + " bytes behind the last extension");
        }
        to(Step.EXTENSION_TYPE);
        number("extension type", 2, 0, 0xffff);
    }

    private void extensionBody(int length) throws RefusedException {
        to(Step.EXTENSION);
        switch (extensionType) {
            case SERVER_NAME -> nested(serverName = new ServerNameReader(length), length);
            case ALPN -> nested(alpn = new AlpnReader(length), length);
            case SUPPORTED_VERSIONS -> nested(supportedVersions = new SupportedVersionsReader(length), length);
            default -> content(Step.EXTENSION);
        }
    }

    private int left() {
        return end - position();
    }

    private void to(Step following) {
        step = following;
    }

    private void lengthOf(String name, Step following, int width, int min, int max) {
        to(following);
        number(name + " length", width, min, max);
    }

    /** The bytes whose length has just been read; where there are none, what follows them. */
    private void content(Step following) throws RefusedException {
        to(following);
        if (number() == 0) {
            next();
        } else {
            bytes(number());
        }
    }

    private void requireEven(String name) throws RefusedException {
        if (number() % 2 != 0) {
            throw new RefusedException(Refusal.MALFORMED, name + " length is " + number() + ", not even");
        }
    }
}
