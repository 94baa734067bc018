package net.sniproxy.proxy.datapath;

/** A connection that an earlier process left to the kernel. */
public interface AdoptableConnection {
    /** What that process wrote down. */
    ConnectionNote note();

    /** Takes it over. Called once; the owner may be told of its end before this returns. */
    DetachedFlow adopt(DetachedOwner owner);
}
