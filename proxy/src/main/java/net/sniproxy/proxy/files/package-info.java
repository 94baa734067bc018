/** Files that the proxy writes beside logs. */
@NullMarked
package net.sniproxy.proxy.files;

import org.jspecify.annotations.NullMarked;
