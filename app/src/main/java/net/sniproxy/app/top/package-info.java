/**
 * The view of live traffic: {@link net.sniproxy.app.top.Sample} is what a proxy answered, {@link net.sniproxy.app.top.Screen}
 * draws it, {@link net.sniproxy.app.top.LiveScreen} keeps doing so on a terminal.
 */
@NullMarked
package net.sniproxy.app.top;

import org.jspecify.annotations.NullMarked;
