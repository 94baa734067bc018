package net.sniproxy.e2e.harness;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The heap of another JVM that is in use after a full collection. */
public final class LiveHeap {
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");
    /** How long a JVM may take to answer the first time: by itself jcmd waits 10 s. */
    private static final String PATIENT = "-J-Dsun.tools.attach.attachTimeout=60000";

    private LiveHeap() {}

    /** Bytes of all reachable objects of a JVM of the same user. */
    public static long bytes(long pid) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        // A class histogram collects garbage first and ends with a line of totals.
        Matcher total = TOTAL.matcher(Child.run(List.of(jcmd, PATIENT, Long.toString(pid), "GC.class_histogram")));
        if (!total.find()) {
            throw new AssertionError("no total in the class histogram");
        }
        return Long.parseLong(total.group(1));
    }
}
