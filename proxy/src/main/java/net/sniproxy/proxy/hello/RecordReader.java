package net.sniproxy.proxy.hello;

/** TLS records (RFC 8446 section 5.1) up to the end of the ClientHello in them. */
final class RecordReader extends FieldReader {
    private static final int HANDSHAKE = 22;
    private static final int HEADER = 5;
    private static final int LONGEST_FRAGMENT = 1 << 14;

    private enum Step {
        TYPE,
        VERSION,
        LENGTH,
        FRAGMENT
    }

    private final HelloLimits limits;
    private final ClientHelloReader hello;
    private Step step = Step.TYPE;
    private int records;

    RecordReader(HelloLimits limits) {
        this.limits = limits;
        hello = new ClientHelloReader(limits.bytes() - HEADER);
        header();
    }

    ClientHelloReader hello() {
        return hello;
    }

    int records() {
        return records;
    }

    @Override
    void next() throws RefusedException {
        switch (step) {
            case TYPE -> {
                step = Step.VERSION;
                // RFC 8446 says to ignore it; the major version tells TLS from garbage.
                number("record version", 2, 0x0300, 0x03ff, records == 1 ? Refusal.NOT_TLS : Refusal.MALFORMED);
            }
            case VERSION -> {
                step = Step.LENGTH;
                length();
            }
            case LENGTH -> {
                if (number() == 0) {
                    throw new RefusedException(Refusal.MALFORMED, "an empty record");
                }
                step = Step.FRAGMENT;
                hello.recordBegins(number());
                nested(hello, number());
            }
            case FRAGMENT -> {
                if (!hello.done()) {
                    requireRoom();
                    header();
                }
            }
        }
    }

    private void header() {
        records++;
        step = Step.TYPE;
        number("record type", 1, HANDSHAKE, HANDSHAKE, Refusal.UNEXPECTED_MESSAGE);
    }

    private void requireRoom() throws RefusedException {
        if (records == limits.records()) {
            throw new RefusedException(Refusal.TOO_LARGE, "not complete in " + records + " records");
        }
        if (position() + HEADER >= limits.bytes()) {
            throw new RefusedException(Refusal.TOO_LARGE, "not complete in " + limits.bytes() + " bytes");
        }
    }

    private void length() {
        int room = limits.bytes() - position() - 2;
        if (hello.missing() <= Math.min(room, LONGEST_FRAGMENT)) {
            number("record length", 2, 0, hello.missing(), Refusal.MALFORMED);
        } else if (room < LONGEST_FRAGMENT) {
            number("record length", 2, 0, room, Refusal.TOO_LARGE);
        } else {
            number("record length", 2, 0, LONGEST_FRAGMENT, Refusal.RECORD_OVERFLOW);
        }
    }
}
