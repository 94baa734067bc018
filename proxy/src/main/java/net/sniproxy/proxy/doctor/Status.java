package net.sniproxy.proxy.doctor;

import java.util.Locale;

/** How a finding is to be taken. */
public enum Status {
    /** As it should be. */
    OK,
    /** It works, but less well than it could. */
    LIMITED,
    /** Something depends on it that will not work. */
    MISSING,
    /** It could not be looked at: {@link Finding#advice} says why. */
    UNSEEN;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in reports, lower case. */
    public String label() {
        return label;
    }
}
