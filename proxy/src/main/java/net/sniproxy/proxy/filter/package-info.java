/** Access: address blocks, and limits on connections as a whole, by source, and by source and second. */
@NullMarked
package net.sniproxy.proxy.filter;

import org.jspecify.annotations.NullMarked;
