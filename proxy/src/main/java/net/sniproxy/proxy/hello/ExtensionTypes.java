package net.sniproxy.proxy.hello;

import java.util.Arrays;

/**
 * The extension types seen in a hello: a bitmap in pages, because the types in use lie far apart. Constant time for each
 * type whatever a client chooses, and at most 9 KiB.
 */
final class ExtensionTypes {
    private static final int PAGE_BITS = 1024;
    private static final long[] NO_PAGE = {};

    private final long[][] pages = new long[65_536 / PAGE_BITS][];

    ExtensionTypes() {
        Arrays.fill(pages, NO_PAGE);
    }

    /** Returns whether the type was not there before. */
    boolean add(int type) {
        long[] page = pages[type / PAGE_BITS];
        if (page == NO_PAGE) {
            page = new long[PAGE_BITS / Long.SIZE];
            pages[type / PAGE_BITS] = page;
        }
        int word = type % PAGE_BITS / Long.SIZE;
        long bit = 1L << type % Long.SIZE;
        boolean fresh = (page[word] & bit) == 0;
        page[word] |= bit;
        return fresh;
    }
}
