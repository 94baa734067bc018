package net.sniproxy.proxy.hello;

import java.util.ArrayList;
import java.util.List;

/** The extension application_layer_protocol_negotiation (RFC 7301 section 3.1). */
final class AlpnReader extends FieldReader {
    /** Far more than there are; each one kept costs many times its bytes. */
    private static final int MOST_PROTOCOLS = 256;

    /** They are kept as long as the connection, and four times as long where they are escaped. */
    static final int MOST_BYTES = 2_048;

    private enum Step {
        LIST_LENGTH,
        LENGTH,
        PROTOCOL
    }

    private final int end;
    private final List<String> protocols = new ArrayList<>(2);
    private Step step = Step.LIST_LENGTH;

    AlpnReader(int length) throws RefusedException {
        if (length < 4) {
            throw new RefusedException(Refusal.MALFORMED, "ALPN of " + length + " bytes holds no protocol");
        }
        if (length > MOST_BYTES) {
            throw new RefusedException(
                    Refusal.TOO_LARGE, "ALPN protocols of " + length + " bytes, more than " + MOST_BYTES);
        }
        end = length;
        number("ALPN list length", 2, length - 2, length - 2);
    }

    List<String> protocols() {
        return protocols;
    }

    @Override
    void next() throws RefusedException {
        switch (step) {
            case LIST_LENGTH -> protocolLength();
            case LENGTH -> {
                step = Step.PROTOCOL;
                keptBytes(number());
            }
            case PROTOCOL -> {
                add(kept());
                if (position() < end) {
                    protocolLength();
                }
            }
        }
    }

    private void protocolLength() throws RefusedException {
        int left = end - position();
        if (left < 2) {
            throw new RefusedException(Refusal.MALFORMED, left + " byte behind the last ALPN protocol");
        }
        step = Step.LENGTH;
        number("ALPN protocol length", 1, 1, left - 1);
    }

    private void add(byte[] protocol) throws RefusedException {
        if (protocol.length == 2 && Grease.is(protocol[0], protocol[1])) {
            return;
        }
        if (protocols.size() == MOST_PROTOCOLS) {
            throw new RefusedException(Refusal.TOO_LARGE, "more than " + MOST_PROTOCOLS + " ALPN protocols");
        }
        protocols.add(Escape.bytes(protocol));
    }
}
