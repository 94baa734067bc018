/** What the data paths ask of and tell to the kernel's TCP about sockets that others own. */
@NullMarked
package net.sniproxy.proxy.datapath.tcp;

import org.jspecify.annotations.NullMarked;
