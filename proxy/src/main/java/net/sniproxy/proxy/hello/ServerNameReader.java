package net.sniproxy.proxy.hello;

import java.util.Optional;

/**
 * The extension server_name (RFC 6066 section 3). One entry is read: two would need a choice, and the upstream may
 * choose differently.
 */
final class ServerNameReader extends FieldReader {
    private static final int HOST_NAME = 0;
    /** Type, length, and one byte. */
    private static final int SHORTEST_ENTRY = 4;

    private enum Step {
        LIST_LENGTH,
        TYPE,
        NAME_LENGTH,
        NAME
    }

    private final int end;
    private Step step = Step.LIST_LENGTH;
    private int type;
    private Optional<String> name = Optional.empty();

    ServerNameReader(int length) throws RefusedException {
        if (length < 2 + SHORTEST_ENTRY) {
            throw new RefusedException(Refusal.MALFORMED, "server_name of " + length + " bytes holds no name");
        }
        end = length;
        number("server_name list length", 2, length - 2, length - 2);
    }

    /** Empty where the entry is no host name. */
    Optional<String> name() {
        return name;
    }

    @Override
    void next() throws RefusedException {
        switch (step) {
            case LIST_LENGTH -> {
                step = Step.TYPE;
                number("name type", 1, 0, 255);
            }
            case TYPE -> {
                type = number();
                step = Step.NAME_LENGTH;
                number("name length", 2, 1, end - position() - 2);
            }
            case NAME_LENGTH -> name(number());
            case NAME -> {
                if (type == HOST_NAME) {
                    name = Optional.of(ServerName.canonical(kept()));
                }
            }
        }
    }

    private void name(int length) throws RefusedException {
        int behind = end - position() - length;
        if (behind >= SHORTEST_ENTRY) {
            throw new RefusedException(Refusal.SEVERAL_NAMES, "server_name has more than one entry");
        }
        if (behind > 0) {
            throw new RefusedException(Refusal.MALFORMED, behind + " bytes behind the server name");
        }
        step = Step.NAME;
        if (type != HOST_NAME) {
            bytes(length);
        } else if (length > ServerName.MAX_LENGTH) {
            throw new RefusedException(
                    Refusal.BAD_NAME, "name of " + length + " bytes, longer than " + ServerName.MAX_LENGTH);
        } else {
            keptBytes(length);
        }
    }
}
