package net.sniproxy.proxy.doctor;

import java.util.Locale;

/** What a finding is about, in the order of a report. */
public enum Area {
    SYSTEM,
    PRIVILEGES,
    INTERFACES,
    DATA_PATHS,
    SELF_TESTS,
    /** Only where one was given. */
    CONFIGURATION;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in JSON, lower case with underscores. */
    public String label() {
        return label;
    }

    /** The heading in a report for people. */
    public String title() {
        return name().charAt(0) + label.substring(1).replace('_', ' ');
    }
}
