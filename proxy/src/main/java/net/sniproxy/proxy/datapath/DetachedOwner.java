package net.sniproxy.proxy.datapath;

import net.sniproxy.proxy.event.Ending;

/** Whom a connection that the kernel carries alone belongs to. */
public interface DetachedOwner {
    /** It has ended in the kernel: the owner closes the flow. On any thread. */
    void ended(Ending ending);
}
