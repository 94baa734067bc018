package net.sniproxy.bench.network;

/** What {@link SynFlood} measures, in the order of its table. */
enum FloodRow {
    QUIET("no flood, without the filter"),
    QUIET_FILTERED("no flood, with the filter"),
    FLOODED("flood, without the filter"),
    FLOODED_FILTERED("flood, with the filter");

    private final String label;

    FloodRow(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }
}
