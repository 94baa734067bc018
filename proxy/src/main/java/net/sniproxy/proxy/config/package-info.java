/** The configuration: its keys as immutable records, and how they are read from JSON. */
@NullMarked
package net.sniproxy.proxy.config;

import org.jspecify.annotations.NullMarked;
